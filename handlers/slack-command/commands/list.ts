import { answer, type Command, listTargets } from './command.ts'

export const list: Command = {
  usage: ({ slash }) => `\`${slash} list\` says the targets alone.`,
  run: ({ config }) => answer(listTargets(config)),
}
