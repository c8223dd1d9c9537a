// The event that EventBridge delivers when an execution has ended.

import { randomUUID } from 'node:crypto'
import type { Ending } from './engine.ts'
import type { Execution } from './execution.ts'

export interface ExecutionEndedEvent {
  readonly version: '0'
  readonly id: string
  readonly 'detail-type': 'Step Functions Execution Status Change'
  readonly source: 'aws.states'
  readonly account: string
  readonly time: string
  readonly region: string
  readonly resources: readonly string[]
  readonly detail: {
    readonly executionArn: string
    readonly stateMachineArn: string
    readonly name: string
    readonly status: Ending['status']
    /** Epoch milliseconds, unlike in the API. */
    readonly startDate: number
    readonly stopDate: number
    /** JSON text. */
    readonly input: string
    readonly output: string | null
    readonly error: string | null
    readonly cause: string | null
    readonly inputDetails: { readonly included: true }
    readonly outputDetails: { readonly included: true } | null
    readonly stateMachineVersionArn: null
    readonly stateMachineAliasArn: null
    readonly redriveCount: 0
    readonly redriveDate: null
    readonly redriveStatus: 'REDRIVABLE' | 'NOT_REDRIVABLE'
  }
}

export const endedEvent = (execution: Execution, ending: Ending, region: string): ExecutionEndedEvent => {
  const stopDate = execution.ending?.at ?? execution.startedAt
  const output = ending.status === 'SUCCEEDED' ? ending.output : null
  const reason = 'error' in ending ? ending : { error: undefined, cause: undefined }
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Step Functions Execution Status Change',
    source: 'aws.states',
    account: '000000000000',
    time: new Date(stopDate).toISOString().replace(/\.\d+/, ''),
    region,
    resources: [execution.arn],
    detail: {
      executionArn: execution.arn,
      stateMachineArn: execution.stateMachineArn,
      name: execution.name,
      status: ending.status,
      startDate: execution.startedAt,
      stopDate,
      input: execution.input,
      output,
      error: reason.error ?? null,
      cause: reason.cause ?? null,
      inputDetails: { included: true },
      outputDetails: output === null ? null : { included: true },
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      redriveCount: 0,
      redriveDate: null,
      redriveStatus: ending.status === 'SUCCEEDED' ? 'NOT_REDRIVABLE' : 'REDRIVABLE',
    },
  }
}
