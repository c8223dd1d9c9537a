// Turns a batch of messages into as few executions as it can: each object once, each target's URLs together. No I/O, no clock.

import { createHash } from 'node:crypto'
import type { BucketSource } from '../../config/bucket.ts'
import type { Config, Target } from '../../config/schema.ts'
import type { Edge } from '../../edge/cloudflare/schema.ts'
import { type Chunk, chunks } from './chunks.ts'
import { type Change, isNewer, readMessage } from './message.ts'
import { paceSeconds } from './pace.ts'
import type { Batch } from './schema.ts'
import { byPrefix } from './prefixes.ts'
import { filesOf, isWanted } from './urls.ts'

export interface Start {
  /** Made of the message ids and of what they ask for, so that a redelivered batch starts nothing twice and leaves nothing out. */
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
  /** To be waited before the starts: a function that dies while it waits has started nothing that its redelivery would start again. */
  readonly waitSeconds: number
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
  readonly edge: Edge
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

const chunksOf = ({ bucket, edge }: Source, all: readonly Brought[]): Chunk[] => {
  const wanted = all
    .filter(({ change }) => change.bucket === bucket.name && isWanted(change.key, bucket))
    .flatMap(({ change, messageId }) => filesOf(change.key, bucket).map((file) => ({ file, messageId })))
  return chunks(byPrefix(wanted, bucket), edge.batchSize)
}

const startOf = (target: string, { urls, prefixes, messageIds }: Chunk): Start => {
  const input = JSON.stringify({ target, source: 's3', urls, ...(prefixes.length > 0 && { prefixes }) })
  const hash = createHash('sha256')
    .update(JSON.stringify([messageIds, input]))
    .digest('hex')
    .slice(0, 32)
  return { executionName: `s3-${target}-${hash}`, input, files: urls.length, messageIds }
}

/** @param region of this function: a bucket notifies queues of its own region only */
export const takeIn = ({ Records }: Batch, config: Config, region: string): Intake => {
  const sources = config.targets.flatMap((target): Source[] =>
    target.bucket && target.edge && target.region === region ? [{ target, bucket: target.bucket, edge: target.edge }] : [],
  )
  const configured = new Set(sources.map(({ bucket }) => bucket.name))
  const brought: Brought[] = []
  const dropped: Remark[] = []
  const poison: Remark[] = []
  // Redelivered in another order, a batch must still be cut and named as before: else a name that exists would stand for other URLs.
  const inOrder = [...Records].sort((a, b) => (a.messageId < b.messageId ? -1 : 1))
  for (const { messageId, body } of inOrder) {
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
  const planned = sources.flatMap((source) =>
    chunksOf(source, newest).map((chunk) => ({ target: source.target.id, plan: source.edge.plan, chunk })),
  )
  return {
    waitSeconds: paceSeconds(planned, config.intake.maxConcurrency),
    starts: planned.map(({ target, chunk }) => startOf(target, chunk)),
    dropped,
    poison,
  }
}
