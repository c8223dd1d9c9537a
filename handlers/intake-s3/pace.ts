// How long a batch waits before it starts its purges, so that a storm stays in the queue instead of meeting Cloudflare's limit: what
// executions have been started cannot be counted from here, but what this function starts in a second can be bounded.

import type { Edge } from '../../config/schema.ts'
import { limits, shareOfEvents } from '../shared/purge-limits.ts'
import type { Chunk } from './chunks.ts'

/** A prefix purge on the free plan would ask for a minute; the function has one, and needs some of it. */
const maxSeconds = 30
/** On every plan. */
const prefixesInARequest = 100

/** Seconds that these purges take, at the part of Cloudflare's limit that one of `maxConcurrency` batches may use. */
export const paceSeconds = (
  loads: readonly { readonly plan: Edge['plan']; readonly chunk: Pick<Chunk, 'urls' | 'prefixes'> }[],
  maxConcurrency: number,
): number => {
  const atFullRate = loads.reduce((seconds, { plan, chunk: { urls, prefixes } }) => {
    const limit = limits[plan]
    return seconds + urls.length / limit.urls.perSecond + Math.ceil(prefixes.length / prefixesInARequest) / limit.requests.perSecond
  }, 0)
  return Math.min(maxSeconds, (atFullRate * maxConcurrency) / shareOfEvents)
}
