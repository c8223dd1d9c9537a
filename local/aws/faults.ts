// How a test makes the AWS endpoint misbehave. Everything is off unless it is set.

import { own } from './own.ts'
import { AwsError } from './protocol.ts'

export interface AwsBehaviour {
  /** How many of the next calls of an action are throttled: `{ SendCommand: 2 }`. Counts down. */
  readonly throttle: Record<string, number>
  /** How many looks at each new command find an empty list, as Run Command's eventual consistency can have it. */
  emptyLooks: number
  /** Multiplies the time that a command waits for an instance that is offline: 0.001 makes 60 s last 60 ms. */
  deliveryScale: number
  /** The same for the time that a script may run. */
  executionScale: number
}

export const defaultBehaviour = (): AwsBehaviour => ({ throttle: {}, emptyLooks: 0, deliveryScale: 1, executionScale: 1 })

export const refuseThrottled = (behaviour: AwsBehaviour, action: string): void => {
  const left = own(behaviour.throttle, action) ?? 0
  if (left <= 0) return
  behaviour.throttle[action] = left - 1
  throw new AwsError('ThrottlingException', 'Rate exceeded')
}
