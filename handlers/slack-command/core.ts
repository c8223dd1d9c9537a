// Decides what a verified slash command asks for, and words every answer. No I/O.

import { commandWords } from '../../config/command-words.ts'
import type { Config } from '../../config/schema.ts'
import { clip, escapeMrkdwn } from '../shared/mrkdwn.ts'
import { readArguments } from './arguments.ts'
import { answer, type Decision } from './commands/command.ts'
import { purge } from './commands/purge.ts'
import { commands } from './commands/table.ts'
import type { SlashCommand } from './schema.ts'

export const decide = (form: SlashCommand, config: Config): Decision => {
  const slash = escapeMrkdwn(form.command)
  const typed = readArguments(form.text)
  const usage = [purge, ...Object.values(commands)].map((command) => command.usage({ config, slash })).join('\n')
  const { subject, unknownOption } = typed
  if (unknownOption !== undefined)
    return answer(`I know no option "${escapeMrkdwn(clip(unknownOption, 60))}", so nothing was started.\n${usage}`)
  const word = typed.help || subject === '' ? 'help' : commandWords.find((known) => known === subject)
  return (word === undefined ? purge : commands[word]).run({ form, arguments: typed, config, slash, usage })
}
