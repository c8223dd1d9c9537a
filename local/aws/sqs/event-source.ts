// What Lambda does between a queue and a function: gathers batches within a window, invokes at most so many at once, deletes what went well.

import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import type { InvokeResult } from '../lambda/lambda.ts'
import type { Message, Queue } from './sqs.ts'

export interface EventSourceOptions {
  readonly queue: Queue
  readonly queueArn: string
  readonly region: string
  readonly invoke: (event: unknown) => Promise<InvokeResult>
  readonly batchSize: number
  readonly windowSeconds: number
  readonly maxConcurrency: number
  /** After so long a failed message comes again. Deployed it does when its visibility time-out ends, which is six times the function's. */
  readonly retrySeconds: number
  readonly log: (line: string) => void
}

export interface EventSource {
  /** Resolves when what is under way has ended. */
  stop(): Promise<void>
}

/** The payload of one invocation, with room for its frame. */
const maxPayloadBytes = 6_291_456 - 1000
const idleMs = 20

const Response = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).default([]) }).nullable()

const recordOf = ({ messageId, body, sentAt, receiveCount }: Message, { queueArn, region }: EventSourceOptions): object => ({
  messageId,
  receiptHandle: messageId,
  body,
  attributes: {
    ApproximateReceiveCount: String(receiveCount),
    SentTimestamp: String(sentAt),
    SenderId: 'AIDALOCAL',
    ApproximateFirstReceiveTimestamp: String(sentAt),
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: queueArn,
  awsRegion: region,
})

/** As Lambda reads the answer: one that makes no sense, or names what was not there, fails the whole batch. */
const failedIn = (result: InvokeResult, ids: readonly string[], log: (line: string) => void): readonly string[] => {
  if (result.kind !== 'success') {
    log(`the batch failed, and comes again: ${JSON.stringify(result).slice(0, 300)}`)
    return ids
  }
  const response = Response.safeParse(result.payload)
  const failed = response.data?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier) ?? []
  return response.success && failed.every((id) => ids.includes(id)) ? failed : ids
}

export const startEventSource = (options: EventSourceOptions): EventSource => {
  const { queue, invoke, batchSize, windowSeconds, maxConcurrency, retrySeconds, log } = options
  const stopping = new AbortController()
  const stopped = (): boolean => stopping.signal.aborted

  const gather = async (): Promise<object[]> => {
    const records: object[] = []
    let bytes = 0
    let endsAt = Infinity
    while (!stopped() && records.length < batchSize && bytes < maxPayloadBytes && Date.now() < endsAt) {
      const [message] = queue.receive(1)
      if (message === undefined) {
        await sleep(idleMs)
        continue
      }
      const record = recordOf(message, options)
      records.push(record)
      // A body is at most 256 KB, and the next one must fit as well.
      bytes += Buffer.byteLength(JSON.stringify(record)) + 1
      if (bytes > maxPayloadBytes - 600_000 && records.length > 1) break
      endsAt = Math.min(endsAt, Date.now() + windowSeconds * 1000)
    }
    return records
  }

  const poll = async (): Promise<void> => {
    while (!stopped()) {
      const Records = await gather()
      if (Records.length === 0 || stopped()) continue
      const ids = Records.map((record) => ('messageId' in record ? String(record.messageId) : ''))
      const failed = new Set(failedIn(await invoke({ Records }), ids, log))
      queue.delete(ids.filter((id) => !failed.has(id)))
      queue.changeVisibility([...failed], retrySeconds)
    }
  }
  const polling = Promise.all(Array.from({ length: maxConcurrency }, poll))
  return {
    stop: async () => {
      stopping.abort()
      await polling
    },
  }
}
