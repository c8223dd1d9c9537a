// Executions and their history as the Step Functions API returns them.

import type { HistoryEvent } from './engine-history.ts'
import { seconds } from '../protocol/protocol.ts'
import type { Execution } from './execution.ts'

export const statusOf = (execution: Execution) => execution.ending?.status ?? 'RUNNING'

export const viewListedExecution = (execution: Execution) => ({
  executionArn: execution.arn,
  stateMachineArn: execution.stateMachineArn,
  name: execution.name,
  status: statusOf(execution),
  startDate: seconds(execution.startedAt),
  stopDate: execution.ending && seconds(execution.ending.at),
  redriveCount: 0,
})

export const viewExecution = (execution: Execution) => {
  const { ending } = execution
  const output = ending?.status === 'SUCCEEDED' ? { output: ending.output, outputDetails: { included: true } } : {}
  const reason = ending?.status === 'FAILED' || ending?.status === 'ABORTED' ? { error: ending.error, cause: ending.cause } : {}
  return { ...viewListedExecution(execution), input: execution.input, inputDetails: { included: true }, ...output, ...reason }
}

const dataFields = ['input', 'inputDetails', 'output', 'outputDetails', 'parameters']

export const viewHistoryEvent = (event: HistoryEvent, withData: boolean) => {
  const strip = (details: object): object =>
    Object.fromEntries(Object.entries<unknown>({ ...details }).filter(([key]) => withData || !dataFields.includes(key)))
  return {
    id: event.id,
    previousEventId: event.previousEventId,
    timestamp: seconds(event.timestamp),
    type: event.type,
    ...Object.fromEntries(Object.entries(event.details).map(([key, details]): [string, object] => [key, strip(details)])),
  }
}
