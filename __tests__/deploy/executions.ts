// Starts executions with the real aws command line and looks at them with the SDK.

import { setTimeout as sleep } from 'node:timers/promises'
import {
  DescribeExecutionCommand,
  ExecutionDoesNotExist,
  ListExecutionsCommand,
  paginateGetExecutionHistory,
  SFNClient,
  type HistoryEvent,
} from '@aws-sdk/client-sfn'
import { runWell } from './tools.ts'

export interface Ended {
  readonly arn: string
  readonly status: string
  readonly output: unknown
  readonly error: string | undefined
  readonly cause: string | undefined
  readonly history: readonly HistoryEvent[]
}

export interface Executions {
  /** `aws stepfunctions start-execution`; resolves to the execution's ARN. */
  start(stateMachineArn: string, input: object): Promise<string>
  /** Fails rather than waits for ever. */
  ended(executionArn: string): Promise<Ended>
  /** Every execution of a state machine. */
  all(stateMachineArn: string): Promise<string[]>
  /** Name prefix and state machine of an execution that somebody else starts. */
  startedBy(stateMachineArn: string, prefix: string): Promise<string>
}

const regionOf = (arn: string): string => arn.split(':')[3] ?? ''

export const executionsAt = (awsUrl: string, env: NodeJS.ProcessEnv): Executions => {
  const client = (arn: string): SFNClient =>
    new SFNClient({ region: regionOf(arn), endpoint: awsUrl, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } })

  const eventually = async <Value>(what: string, look: () => Promise<Value | undefined>): Promise<Value> => {
    for (let turn = 0; turn < 600; turn += 1) {
      const found = await look()
      if (found !== undefined) return found
      await sleep(200)
    }
    throw new Error(`${what} did not happen within two minutes`)
  }

  return {
    start: async (stateMachineArn, input) => {
      const args = [
        'stepfunctions',
        'start-execution',
        '--region',
        regionOf(stateMachineArn),
        '--state-machine-arn',
        stateMachineArn,
        '--input',
        JSON.stringify(input),
        '--output',
        'json',
      ]
      return (JSON.parse(await runWell('aws', args, { env })) as { executionArn: string }).executionArn
    },
    ended: (executionArn) =>
      eventually(`the end of ${executionArn}`, async () => {
        const sfn = client(executionArn)
        const described = await sfn.send(new DescribeExecutionCommand({ executionArn })).catch((error: unknown) => {
          if (error instanceof ExecutionDoesNotExist) return undefined
          throw error
        })
        if (described === undefined || described.status === 'RUNNING') return undefined
        const events: HistoryEvent[] = []
        for await (const page of paginateGetExecutionHistory({ client: sfn }, { executionArn, includeExecutionData: true }))
          events.push(...(page.events ?? []))
        return {
          arn: executionArn,
          status: String(described.status),
          output: described.output === undefined ? undefined : (JSON.parse(described.output) as unknown),
          error: described.error,
          cause: described.cause,
          history: events,
        }
      }),
    all: async (stateMachineArn) => {
      const { executions = [] } = await client(stateMachineArn).send(new ListExecutionsCommand({ stateMachineArn }))
      return executions.flatMap((execution) => execution.executionArn ?? [])
    },
    startedBy: (stateMachineArn, prefix) =>
      eventually(`an execution ${prefix}…`, async () => {
        const { executions = [] } = await client(stateMachineArn).send(new ListExecutionsCommand({ stateMachineArn }))
        return executions.find(({ name }) => name?.startsWith(prefix))?.executionArn
      }),
  }
}
