// Follows the executions of a group's targets: what is started under which name, how one ended, and when to ask again. No I/O.

import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { Group, GroupMember, MemberEnding } from '../../statemachines/data/group.ts'
import { clip } from '../shared/mrkdwn.ts'
import type { Plan } from '../../statemachines/data/plan.ts'

/** The same for every turn and retry of one group, so that nothing is started twice. */
export const childName = (groupArn: string, id: string): string =>
  `group-${id}-${createHash('sha256').update(groupArn).digest('hex').slice(0, 32)}`

export const childInput = ({ source, requester }: Plan, { dryRun, share, members }: Group, id: string): string =>
  JSON.stringify({
    target: id,
    source,
    ...(requester === null ? {} : { requester }),
    ...(dryRun ? { dryRun } : {}),
    group: { share, members: members.map((member) => member.id) },
  })

/** The part of states:DescribeExecution that counts. */
export interface Described {
  readonly status: string
  readonly output: string | undefined
  readonly error: string | undefined
  readonly cause: string | undefined
}

const Output = z.object({ text: z.string(), verdict: z.enum(['verified', 'unproven', 'failed']).optional() })

const reasonBegins = 'Reason: '

const reportIn = (output: string | undefined): z.infer<typeof Output> | undefined => {
  try {
    return Output.safeParse(JSON.parse(output ?? '')).data
  } catch {
    return undefined
  }
}

/** The title of a report and, where it failed, the reason: what there is room for. */
const inShort = (text: string, failed: boolean): string => {
  const [title = '', ...lines] = text.split('\n')
  const reason = failed ? lines.find((line) => line.startsWith(reasonBegins)) : undefined
  return clip(reason === undefined ? title : `${title} (${reason.slice(reasonBegins.length)})`, 300)
}

/** @returns null while it runs */
export const endingOf = ({ label }: Pick<GroupMember, 'label'>, { status, output, error, cause }: Described): MemberEnding | null => {
  if (status === 'RUNNING' || status === 'PENDING_REDRIVE') return null
  if (status === 'SUCCEEDED') {
    const report = reportIn(output)
    return { verdict: report?.verdict ?? 'done', said: inShort(report?.text ?? `${label}: ended, and left no report`, false) }
  }
  // The machine's own ending carries the report; every other one only says how it ended.
  if (error === 'PurgeFailed' && cause !== undefined) return { verdict: 'failed', said: inShort(cause, true) }
  return { verdict: 'failed', said: `${label}: its execution ended as ${status}${error === undefined ? '' : ` (${error})`}` }
}

/** Turns at three seconds; the others wait longer, so that hours of them fit in an execution's history. */
const quickTurns = 40
const mostTurns = 1200

/** @param members as they are after this turn */
export const afterTurn = (group: Group, members: readonly GroupMember[]): Group => {
  const turns = group.turns + 1
  const givenUp = turns >= mostTurns
  const now = members.map((member) =>
    member.ending === null && givenUp
      ? { ...member, ending: { verdict: 'failed' as const, said: `${member.label}: still runs, and is no longer waited for` } }
      : member,
  )
  const running = now.some(({ ending }) => ending === null)
  const failed = now.some(({ ending }) => ending?.verdict === 'failed')
  return {
    ...group,
    turns,
    members: now,
    status: running ? 'running' : failed ? 'failed' : 'done',
    waitSeconds: turns < quickTurns ? 3 : 15,
  }
}
