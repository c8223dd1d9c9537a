// Decides what a verified slash command asks for, and words every answer. No I/O.

import { createHash } from 'node:crypto'
import type { Config, Target } from '../../config/schema.ts'
import { layerLabel } from '../../layers/kinds.ts'
import { clip, escapeMrkdwn, mention } from '../shared/mrkdwn.ts'
import type { SlashCommand } from './schema.ts'
import { readWords } from './words.ts'

/** The JSON that Slack shows: to the sender alone, or to the channel. */
export interface SlackReply {
  readonly response_type: 'ephemeral' | 'in_channel'
  readonly text: string
}

export type Decision =
  | { readonly kind: 'answer'; readonly reply: SlackReply }
  | {
      readonly kind: 'start'
      readonly region: string
      /** The same for every delivery of one command, so that a retry by Slack starts nothing twice. */
      readonly executionName: string
      readonly input: string
      readonly reply: SlackReply
      readonly failureReply: SlackReply
    }

const ephemeral = (text: string): SlackReply => ({ response_type: 'ephemeral', text })

const steps = (target: Target): string => [...target.layers.map(layerLabel), ...(target.edge ? ['Cloudflare'] : [])].join(' → ')

const usage = (config: Config, command: string): string =>
  [
    `Usage: \`${command} <target>\`. It clears every cache layer of the target, in this order:`,
    ...config.targets.map((target) => `• \`${target.id}\` ${escapeMrkdwn(target.label)}: ${steps(target)}`),
    `With \`--dry-run\` it deletes nothing, and says what it would do and what would go wrong.`,
  ].join('\n')

const refusal = (target: Target, { channel_id, user_id }: SlashCommand): string | undefined => {
  if (!target.allow.channelIds.includes(channel_id)) {
    return `This channel may not clear ${escapeMrkdwn(target.label)}. Use ${target.allow.channelIds.map((id) => `<#${id}>`).join(' or ')}.`
  }
  if (target.allow.userIds !== undefined && !target.allow.userIds.includes(user_id)) {
    return `You are not on the list of people who may clear ${escapeMrkdwn(target.label)}. Ask whoever runs purgeflow to add ${user_id} to it.`
  }
  return undefined
}

export const decide = (form: SlashCommand, config: Config): Decision => {
  const command = escapeMrkdwn(form.command)
  const { target: wanted, dryRun, help, unknownOption } = readWords(form.text)
  if (unknownOption !== undefined) {
    const text = `I know no option "${escapeMrkdwn(clip(unknownOption, 60))}", so nothing was started.\n${usage(config, command)}`
    return { kind: 'answer', reply: ephemeral(text) }
  }
  if (help) return { kind: 'answer', reply: ephemeral(usage(config, command)) }

  const target = config.targets.find(({ id }) => id === wanted)
  if (target === undefined) {
    const text = `I know no target called "${escapeMrkdwn(clip(form.text.trim(), 60))}", so nothing was started.\n${usage(config, command)}`
    return { kind: 'answer', reply: ephemeral(text) }
  }
  const refused = refusal(target, form)
  if (refused !== undefined) return { kind: 'answer', reply: ephemeral(`${refused} Nothing was started.`) }

  return {
    kind: 'start',
    region: target.region,
    executionName: `slack-${target.id}-${createHash('sha256').update(form.trigger_id).digest('hex').slice(0, 32)}`,
    input: JSON.stringify({ target: target.id, source: 'slack', requester: form.user_id, ...(dryRun ? { dryRun } : {}) }),
    reply: {
      response_type: 'in_channel',
      text: dryRun
        ? `${mention(form.user_id)} asks for a dry run of *${escapeMrkdwn(target.label)}*: ${steps(target)}. Nothing will be deleted. The plan and the findings follow.`
        : `${mention(form.user_id)} is clearing the caches of *${escapeMrkdwn(target.label)}*: ${steps(target)}. The result follows.`,
    },
    failureReply: ephemeral(
      `AWS did not confirm that the ${dryRun ? 'dry run' : 'purge'} of ${escapeMrkdwn(target.label)} started. If no result appears in a few minutes, send \`${command} ${target.id}${dryRun ? ' --dry-run' : ''}\` again.`,
    ),
  }
}
