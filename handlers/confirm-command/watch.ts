// One poll of a command that may still run. It asks more often than a Wait state can, for as long as one turn of the loop may take.

import type { WatchRequest } from './schema.ts'

/** The parent command as ssm:ListCommands shows it, in lists: right after Send Command there may be none. */
export interface CommandStatus {
  readonly statuses: readonly string[]
  readonly details: readonly string[]
  readonly targetCounts: readonly number[]
}

export interface Poll extends CommandStatus {
  readonly count: number
  /** Until the next poll, should there be one. */
  readonly waitSeconds: number
}

const final = new Set(['Success', 'Failed', 'TimedOut', 'Cancelled'])

/** Shares of the time for one poll. Most scripts end within two seconds: at first no end stays unknown for longer than half a second. */
const firstPauses = [1, 1, 2, 2, 2, 4, 4].map((sixteenths) => sixteenths / 16)
const laterPauses = [1, 1, 1, 1].map((quarters) => quarters / 4)

export interface Watch {
  readonly ask: () => Promise<CommandStatus>
  readonly sleep: (milliseconds: number) => Promise<unknown>
  /** For one poll. */
  readonly milliseconds: number
}

export const watchCommand = async ({ command, poll: { count } }: WatchRequest, { ask, sleep, milliseconds }: Watch): Promise<Poll> => {
  let status = await ask()
  for (const pause of count === 0 ? firstPauses : laterPauses) {
    if (final.has(status.statuses[0] ?? '')) break
    await sleep(pause * milliseconds)
    status = await ask()
  }
  return { ...status, count: count + 1, waitSeconds: command.waits[count] ?? command.pollSeconds }
}
