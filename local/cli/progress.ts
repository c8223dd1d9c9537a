// Tells a running execution as it happens: one line for each step that a reader cares about.

import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import type { Execution } from '../aws/step-functions/execution.ts'
import type { HistoryEvent } from '../aws/step-functions/engine-history.ts'

const Entered = z.object({ name: z.string(), input: z.string() })
const InCommand = z.object({ command: z.object({ label: z.string() }) })

/** States that only carry data from one step to the next. */
const plumbing = new Set([
  'Accept Request',
  'Run Commands',
  'Command Finished?',
  'What Is Planned?',
  'Group Ended?',
  'Has Edge?',
  'Edge Throttled?',
  'Still Stale?',
  'Report Wanted?',
])

const describe = ({ details }: HistoryEvent): string | undefined => {
  const { data } = Entered.safeParse(details['stateEnteredEventDetails'])
  if (!data || plumbing.has(data.name)) return undefined
  const label = InCommand.safeParse(JSON.parse(data.input)).data?.command.label
  return label === undefined ? data.name : `${label}: ${data.name}`
}

const everyMs = 50

/** Resolves when the execution has ended. A step that repeats, as the poll does, is told once. */
export const tellProgress = async ({ run, startedAt }: Execution, tell: (line: string) => void): Promise<void> => {
  const ended = run.ended.then(() => true)
  const told = new Set<string>()
  let next = 0
  const catchUp = (): void => {
    for (const event of run.history.events.slice(next)) {
      next += 1
      const line = describe(event)
      if (line === undefined || told.has(line)) continue
      told.add(line)
      tell(`${((event.timestamp - startedAt) / 1000).toFixed(1).padStart(5)} s  ${line}`)
    }
  }
  while (!(await Promise.race([ended, sleep(everyMs, false)]))) catchUp()
  catchUp()
}
