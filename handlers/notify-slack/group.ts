// The one message of a group: a line a target. No I/O, no clock.

import * as z from 'zod'
import type { Group, GroupMember } from '../../statemachines/data/group.ts'
import type { Plan } from '../../statemachines/data/plan.ts'
import { clip, escapeMrkdwn } from '../shared/mrkdwn.ts'
import { section, type SlackMessage, slackMessage } from './message.ts'
import { executionLink, footer, sourceOf } from './words.ts'

const InGroup = z.object({ group: z.object({}) })

/** Whether the execution's input says that a group started it, which then posts the only message. */
export const isInGroup = (request: unknown): boolean => InGroup.safeParse(request).success

export interface GroupReport {
  readonly group: true
  readonly verdict: 'verified' | 'unproven' | 'failed' | 'done'
  readonly target: { readonly id: string; readonly label: string }
  readonly source: string
  readonly requester: string | null
  readonly members: readonly GroupMember[]
  /** Why the group itself did not come to its end; null where it did. */
  readonly failure: string | null
  readonly seconds: number
  readonly executionArn: string
  /** The message as plain text. */
  readonly text: string
}
export type GroupFindings = Omit<GroupReport, 'text'>

const verdictOf = ({ members }: Group): GroupReport['verdict'] => {
  const verdicts = members.map(({ ending }) => ending?.verdict ?? 'failed')
  return (['failed', 'unproven', 'done'] as const).find((verdict) => verdicts.includes(verdict)) ?? 'verified'
}

/** @param failure why the group's own execution ended early: its targets go on by themselves */
export const reportGroup = (
  { target: { id, label }, source, requester }: Plan,
  group: Group,
  ending: { readonly executionArn: string; readonly seconds: number; readonly failure: string | null },
): GroupFindings => ({
  group: true,
  verdict: ending.failure === null ? verdictOf(group) : 'failed',
  target: { id, label },
  source: sourceOf(ending.executionArn, source),
  requester,
  members: group.members,
  ...ending,
})

const icons = { verified: '✅', done: '✅', unproven: '⚠️', failed: '❌', unknown: '⚪' } as const

const said = ({ label, ending }: GroupMember): string =>
  ending?.said ?? `${label}: its own execution may still run, and ends without a message`

const titleOf = ({ target, members, verdict, failure }: GroupFindings): string => {
  const failed = members.filter(({ ending }) => ending?.verdict === 'failed').length
  if (failure !== null) return `${target.label}: not followed to the end`
  if (failed > 0) return `${target.label}: ${failed} of ${members.length} targets failed`
  if (verdict === 'done') return `${target.label}: ${members.length} targets ended`
  return `${target.label}: ${members.length} targets cleared${verdict === 'verified' ? ' and verified' : ', not all proven'}`
}

/** Slack's limit of a section, which the lines share. */
const mostCharacters = 2900

export const renderGroup = (findings: GroupFindings): SlackMessage => {
  const { members, failure } = findings
  const { plain, mrkdwn } = footer(findings)
  const share = Math.floor(mostCharacters / members.length)
  const lines = members.map((member) => {
    const icon = icons[member.ending?.verdict ?? 'unknown']
    const link = member.executionArn === null ? undefined : executionLink(member.executionArn)
    const line = `${icon} ${said(member)}`
    const linked = link === undefined ? '' : ` <${link}|execution>`
    // A line that has no room for its link goes without.
    const room = share - linked.length > 60 ? linked : ''
    return { line, marked: `${clip(escapeMrkdwn(line), share - room.length - 1)}${room}` }
  })
  const title = titleOf(findings)
  return slackMessage({
    title,
    summary: [title, ...lines.map(({ line }) => line), ...(failure === null ? [] : [`Reason: ${failure}`]), plain].join('\n'),
    body: [section(lines.map(({ marked }) => marked).join('\n'))],
    failure,
    context: mrkdwn,
  })
}
