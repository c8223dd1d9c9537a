// What every command of the table has, and what it is given.

import type { Config, Target } from '../../../config/schema.ts'
import { edgeName } from '../../../edge/cloudflare/name.ts'
import { layerLabel } from '../../../layers/kinds.ts'
import { escapeMrkdwn } from '../../shared/mrkdwn.ts'
import type { Arguments } from '../arguments.ts'
import type { SlashCommand } from '../schema.ts'

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

export interface CommandRequest {
  readonly form: SlashCommand
  readonly arguments: Arguments
  readonly config: Config
  /** The slash command as Slack names it, fit for a message. */
  readonly slash: string
  /** How to use every command of the table. */
  readonly usage: string
}

export interface Command {
  /** Lines of the usage. */
  readonly usage: (request: Pick<CommandRequest, 'config' | 'slash'>) => string
  readonly run: (request: CommandRequest) => Decision
}

export const ephemeral = (text: string): SlackReply => ({ response_type: 'ephemeral', text })
export const answer = (text: string): Decision => ({ kind: 'answer', reply: ephemeral(text) })

/** The caches of a target, inside out. */
export const steps = (target: Target): string => [...target.layers.map(layerLabel), ...(target.edge ? [edgeName] : [])].join(' → ')

export const listTargets = ({ targets, groups }: Config): string =>
  [
    ...targets.map((target) => `• \`${target.id}\` ${escapeMrkdwn(target.label)}: ${steps(target)}`),
    ...Object.entries(groups).map(([name, ids]) => `• \`${name}\` for ${ids.map((id) => `\`${id}\``).join(', ')}`),
  ].join('\n')
