// Faults that a test injects into the AWS endpoint. Everything is off unless it is set.

import { own } from './own.ts'
import { AwsError } from './protocol.ts'

export interface AwsFaults {
  /** How many of the next calls of an action are throttled: `{ SendCommand: 2 }`. Counts down. */
  readonly throttle: Record<string, number>
  /** How many requests for each new command get an empty list, as Run Command's eventual consistency can have it. */
  emptyLists: number
  /** Multiplies the time that a command waits for an instance that is offline: 0.001 makes 60 s last 60 ms. */
  deliveryScale: number
  /** The same for the time that a script may run. */
  executionScale: number
}

export const noFaults = (): AwsFaults => ({ throttle: {}, emptyLists: 0, deliveryScale: 1, executionScale: 1 })

export const refuseThrottled = (faults: AwsFaults, action: string): void => {
  const left = own(faults.throttle, action) ?? 0
  if (left <= 0) return
  faults.throttle[action] = left - 1
  throw new AwsError('ThrottlingException', 'Rate exceeded')
}
