// An engine that runs the state machine, with everything around it: what both have in common, and how their runs are compared.

import { setTimeout as sleep } from 'node:timers/promises'
import {
  DescribeExecutionCommand,
  paginateGetExecutionHistory,
  SFNClient,
  StartExecutionCommand,
  type HistoryEvent,
} from '@aws-sdk/client-sfn'
import type { AwsFaults } from '../../local/aws/protocol/faults.ts'
import type { LocalCloudflare } from '../../local/cloudflare/cloudflare.ts'
import type { Instance } from '../../local/instance/instance.ts'
import type { LocalSlack } from '../../local/slack/slack.ts'

export const region = 'us-east-1'

export interface Engine {
  readonly awsUrl: string
  readonly stateMachineArn: string
  readonly instances: readonly Instance[]
  readonly faults: AwsFaults
  readonly cloudflare: LocalCloudflare
  readonly slack: LocalSlack
  /** A visitor of the target `proven` comes by, so that the edge has a copy of its page. */
  readonly visit: () => Promise<unknown>
  /** Puts every instance back as it was: online, its caches full. */
  restore(): Promise<void>
  close(): Promise<void>
}

export interface Outcome {
  readonly status: string
  readonly error: string | undefined
  /** The message in Slack, or null where none was taken. */
  readonly message: string | null
  /** The cause of a failure, or the text of the report. */
  readonly said: string
  /** Each task as it was scheduled, and each of its errors; a poll loop counts as one look. */
  readonly tasks: readonly string[]
}

/** What differs from one run to the next, and between two accounts. */
const steady = (text: string): string =>
  text
    .replace(/arn:aws:states:[^\s|>)"]+/g, '<execution>')
    .replace(/https:\/\/\S+<execution>/g, '<link>')
    // The local run has no console to link to.
    .replace(/\bexecution [0-9a-f-]{36}/g, '<link>')
    .replace(/\b\d+(\.\d+)? s\b/g, 'N s')
    // Blocks on a disk, which the file system may give to the same files differently.
    .replace(/\bfreed \d+(\.\d+)? [kM]?B\b/g, 'freed N B')
    .replace(/\bage \d+\b/g, 'age N')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>')

const tasksOf = (events: readonly HistoryEvent[]): string[] => {
  const tasks: string[] = []
  let state = ''
  for (const { type = '', stateEnteredEventDetails, taskFailedEventDetails, lambdaFunctionFailedEventDetails } of events) {
    if (stateEnteredEventDetails?.name !== undefined) state = stateEnteredEventDetails.name
    if (type === 'TaskScheduled' || type === 'LambdaFunctionScheduled') tasks.push(state)
    const error = taskFailedEventDetails?.error ?? lambdaFunctionFailedEventDetails?.error
    if (error !== undefined) tasks.push(`${state}: ${error}`)
  }
  return tasks.filter((task, index) => task !== 'Get Command Status' || tasks[index - 1] !== task)
}

/** A failed function's cause is JSON, which each engine writes in its own way. */
const causeOf = (cause: string): string => {
  try {
    return (JSON.parse(cause) as { errorMessage: string }).errorMessage
  } catch {
    return cause
  }
}

const textOf = (payload: unknown): string =>
  typeof payload === 'object' && payload !== null && 'text' in payload ? String(payload.text) : ''

export const runOn = async (engine: Engine, input: unknown): Promise<Outcome> => {
  const client = new SFNClient({ region, endpoint: engine.awsUrl, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } })
  const before = engine.slack.messages().length
  const { executionArn } = await client.send(
    new StartExecutionCommand({ stateMachineArn: engine.stateMachineArn, input: JSON.stringify(input) }),
  )
  for (let turn = 0; turn < 600; turn += 1) {
    const { status = '', error, cause, output } = await client.send(new DescribeExecutionCommand({ executionArn }))
    if (status === 'RUNNING') {
      await sleep(100)
      continue
    }
    const events: HistoryEvent[] = []
    for await (const page of paginateGetExecutionHistory({ client }, { executionArn, includeExecutionData: true }))
      events.push(...(page.events ?? []))
    const message = engine.slack
      .messages()
      .slice(before)
      .find(({ accepted }) => accepted)
    return {
      status,
      error,
      message: message ? steady(textOf(message.payload)) : null,
      said: steady(cause === undefined ? textOf(JSON.parse(output ?? 'null')) : causeOf(cause)),
      tasks: tasksOf(events),
    }
  }
  throw new Error('the execution did not end')
}
