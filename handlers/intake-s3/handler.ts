// Reads the events of the buckets from their queue, thousands at a time, and starts the purges. Reports to SQS only what has to come again.

import { setTimeout as sleep } from 'node:timers/promises'
import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn'
import { loadConfig } from '../../config/load.ts'
import type { Config } from '../../config/schema.ts'
import targets from '../../config/targets.ts'
import { inBatches } from '../shared/batches.ts'
import { lazily, requiredEnvironment } from '../shared/lazily.ts'
import { takeIn, type Start } from './core.ts'
import { Batch, type BatchResponse } from './schema.ts'

export interface Deps {
  readonly config: Config
  readonly region: string
  /** Resolves also when an execution of this name exists already. */
  readonly startExecution: (start: Pick<Start, 'executionName' | 'input'>) => Promise<void>
  readonly wait: (seconds: number) => Promise<void>
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Of a call of the function, which has 60 s: what is not started by then is handed back to the queue. */
const startsMs = 45_000
/** A start that takes longer counts as one that failed: its name tells a second one of the same batch from a new one. */
const startMs = 5_000
/** At once: StartExecution takes 150 a second and more, and one answers within a tenth of a second. */
const startsAtOnce = 10

export const createHandler =
  ({ config, region, startExecution, wait, now }: Deps) =>
  async (event: unknown): Promise<BatchResponse> => {
    const endsAt = now() + startsMs
    const batch = Batch.parse(event)
    const { waitSeconds, starts, dropped, poison } = takeIn(batch, config, region)
    for (const { messageId, words } of dropped) console.info({ message: 'dropped what is no event of ours', messageId, what: words })
    for (const { messageId, words } of poison)
      console.error({ message: 'a message cannot be read: it goes to the dead-letter queue', messageId, what: words })
    const again = new Set(poison.map(({ messageId }) => messageId))
    await wait(waitSeconds)
    const startOne = async (start: Start): Promise<void> => {
      try {
        await startExecution(start)
        console.info({ message: 'purge started', execution: start.executionName, urls: start.files, messages: start.messageIds.length })
      } catch (error) {
        console.error({
          message: 'a purge could not be started: its messages come again',
          execution: start.executionName,
          messages: start.messageIds.length,
          error,
        })
        for (const messageId of start.messageIds) again.add(messageId)
      }
    }
    const groups = inBatches(starts, startsAtOnce)
    let next = 0
    for (; next < groups.length && now() < endsAt; next += 1) await Promise.all((groups[next] ?? []).map(startOne))
    const left = groups.slice(next).flat()
    if (left.length > 0) console.warn({ message: 'no time for the rest of the batch: its messages come again', purges: left.length })
    for (const { messageIds } of left) for (const messageId of messageIds) again.add(messageId)
    return { batchItemFailures: [...again].map((itemIdentifier) => ({ itemIdentifier })) }
  }

export const handler = lazily(() => {
  const stateMachineArn = requiredEnvironment('STATE_MACHINE_ARN')
  const client = new SFNClient({})
  return createHandler({
    config: loadConfig(targets),
    region: requiredEnvironment('AWS_REGION'),
    wait: (seconds) => sleep(seconds * 1000),
    now: Date.now,
    startExecution: async ({ executionName, input }) => {
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name: executionName, input }), {
          abortSignal: AbortSignal.timeout(startMs),
        })
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) throw error
      }
    },
  })
})
