// Turns a batch of messages into as few executions as it can: each object once, each target's URLs together. No I/O, no clock.

import { createHash } from 'node:crypto'
import type { BucketSource } from '../../config/bucket.ts'
import type { Config, Target } from '../../config/schema.ts'
import { chunks } from './chunks.ts'
import { type Change, isNewer, readMessage } from './message.ts'
import type { Batch } from './schema.ts'
import { byPrefix } from './prefixes.ts'
import { filesOf, isWanted } from './urls.ts'

export interface Start {
  /** Made of the message ids, so that a redelivered batch starts nothing twice. */
  readonly executionName: string
  readonly input: string
  readonly files: number
  /** The messages that have to come again when this cannot be started. */
  readonly messageIds: readonly string[]
}

/** Something to log about a message. */
export interface Remark {
  readonly messageId: string
  readonly words: string
}

export interface Intake {
  readonly starts: readonly Start[]
  readonly dropped: readonly Remark[]
  readonly poison: readonly Remark[]
}

/** A change, and the message that brought it. */
interface Brought {
  readonly change: Change
  readonly messageId: string
}

interface Source {
  readonly target: Target
  readonly bucket: BucketSource
  /** URLs in one request to Cloudflare. */
  readonly batchSize: number
}

/** The newest change of every object, oldest first. */
const newestOfEach = (all: readonly Brought[]): Brought[] => {
  const newest = new Map<string, Brought>()
  for (const brought of all) {
    const { bucket, key } = brought.change
    const id = `${bucket}/${key}`
    const known = newest.get(id)
    if (known === undefined || isNewer(brought.change, known.change)) newest.set(id, brought)
  }
  return [...newest.values()].sort((a, b) => a.change.at - b.change.at)
}

const startsOf = ({ target, bucket, batchSize }: Source, all: readonly Brought[], batchIds: readonly string[]): Start[] => {
  const wanted = all
    .filter(({ change }) => change.bucket === bucket.name && isWanted(change.key, bucket))
    .flatMap(({ change, messageId }) => filesOf(change.key, bucket).map((file) => ({ file, messageId })))
  return chunks(byPrefix(wanted, bucket), batchSize).map(({ urls, prefixes, messageIds }, index) => {
    const hash = createHash('sha256').update(JSON.stringify([batchIds, index])).digest('hex').slice(0, 32)
    return {
      executionName: `s3-${target.id}-${hash}`,
      input: JSON.stringify({ target: target.id, source: 's3', urls, ...(prefixes.length > 0 && { prefixes }) }),
      files: urls.length,
      messageIds,
    }
  })
}

/** @param region of this function: a bucket notifies queues of its own region only */
export const takeIn = ({ Records }: Batch, config: Config, region: string): Intake => {
  const sources = config.targets.flatMap((target): Source[] =>
    target.bucket && target.edge && target.region === region ? [{ target, bucket: target.bucket, batchSize: target.edge.batchSize }] : [],
  )
  const configured = new Set(sources.map(({ bucket }) => bucket.name))
  const brought: Brought[] = []
  const dropped: Remark[] = []
  const poison: Remark[] = []
  for (const { messageId, body } of Records) {
    const contents = readMessage(body)
    const problems = new Set(contents.problems)
    for (const change of contents.changes) {
      if (configured.has(change.bucket)) brought.push({ change, messageId })
      else problems.add(`the bucket ${change.bucket.slice(0, 63)}, which no target of ${region} has`)
    }
    for (const words of new Set(contents.dropped)) dropped.push({ messageId, words })
    // What is good in such a message is purged all the same, and again each time that it comes back: no harm in that.
    for (const words of problems) poison.push({ messageId, words })
  }
  const newest = newestOfEach(brought)
  // Sorted: a redelivered batch may come in another order.
  const batchIds = [...new Set(brought.map(({ messageId }) => messageId))].sort()
  return { starts: sources.flatMap((source) => startsOf(source, newest, batchIds)), dropped, poison }
}
