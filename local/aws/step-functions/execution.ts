// One execution of a state machine, under way or ended.

import type { Ending, Run } from './engine.ts'

export interface Execution {
  readonly arn: string
  readonly name: string
  readonly stateMachineArn: string
  /** As it was given, as JSON text. */
  readonly input: string
  /** Epoch milliseconds. */
  readonly startedAt: number
  readonly run: Run
  ending?: Ending & { readonly at: number }
}
