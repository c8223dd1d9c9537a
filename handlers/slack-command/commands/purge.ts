// What no word of the table stands for is a target: its purge, or its dry run.

import { createHash } from 'node:crypto'
import { targetsNamed } from '../../../config/groups.ts'
import type { Target } from '../../../config/schema.ts'
import { clip, escapeMrkdwn, mention } from '../../shared/mrkdwn.ts'
import type { SlashCommand } from '../schema.ts'
import { answer, type Command, ephemeral, listTargets, steps } from './command.ts'

const refusal = (target: Target, { channel_id, user_id }: SlashCommand): string | undefined => {
  if (!target.allow.channelIds.includes(channel_id)) {
    return `This channel may not clear ${escapeMrkdwn(target.label)}. Use ${target.allow.channelIds.map((id) => `<#${id}>`).join(' or ')}.`
  }
  if (target.allow.userIds !== undefined && !target.allow.userIds.includes(user_id)) {
    return `You are not on the list of people who may clear ${escapeMrkdwn(target.label)}. Ask whoever runs purgeflow to add ${user_id} to it.`
  }
  return undefined
}

export const purge: Command = {
  usage: ({ config, slash }) =>
    [
      `Usage: \`${slash} <target>\`. It clears every cache layer of the target, in this order:`,
      listTargets(config),
      'Several targets, or a group, go side by side and end in one message.',
      'With `--dry-run` it deletes nothing, and says what it would do and what would go wrong.',
    ].join('\n'),
  run: ({ form, arguments: { subject, dryRun }, config, slash, usage }) => {
    const [first, ...others] = targetsNamed(config, subject) ?? []
    if (first === undefined)
      return answer(`I know no target called "${escapeMrkdwn(clip(form.text.trim(), 60))}", so nothing was started.\n${usage}`)
    const targets = [first, ...others]
    const refused = targets.map((target) => refusal(target, form)).find((problem) => problem !== undefined)
    if (refused !== undefined) return answer(`${refused} Nothing was started.`)
    const what =
      others.length === 0
        ? `*${escapeMrkdwn(first.label)}*: ${steps(first)}`
        : `${targets.length} targets side by side: ${targets.map(({ label }) => `*${escapeMrkdwn(label)}*`).join(', ')}`
    return {
      kind: 'start',
      // A group runs in the region of its first target, and starts the others where they are.
      region: first.region,
      executionName: `slack-${others.length === 0 ? first.id : 'group'}-${createHash('sha256').update(form.trigger_id).digest('hex').slice(0, 32)}`,
      input: JSON.stringify({ target: subject, source: 'slack', requester: form.user_id, ...(dryRun ? { dryRun } : {}) }),
      reply: {
        response_type: 'in_channel',
        text: dryRun
          ? `${mention(form.user_id)} asks for a dry run of ${what}. Nothing will be deleted. The plan and the findings follow.`
          : `${mention(form.user_id)} is clearing the caches of ${what}. The result follows.`,
      },
      failureReply: ephemeral(
        `AWS did not confirm that the ${dryRun ? 'dry run' : 'purge'} of ${targets.map(({ label }) => escapeMrkdwn(label)).join(', ')} started. If no result appears in a few minutes, send \`${slash} ${subject}${dryRun ? ' --dry-run' : ''}\` again.`,
      ),
    }
  },
}
