// How long a batch waits before it starts its purges, so that a storm stays in the queue instead of meeting Cloudflare's limit: what
// executions have been started cannot be counted from here, but what this function starts in a second can be bounded.

import { maxItemsPerRequest, rateLimits, shareOfEvents } from '../../edge/cloudflare/limits.ts'
import type { Edge } from '../../edge/cloudflare/schema.ts'
import type { Chunk } from './chunks.ts'

/** A prefix purge on the free plan would ask for a minute; the function has one, and needs some of it. */
const maxSeconds = 30

/** Seconds that these purges take, at the part of Cloudflare's limit that one of `maxConcurrency` batches may use. */
export const paceSeconds = (
  loads: readonly { readonly plan: Edge['plan']; readonly chunk: Pick<Chunk, 'urls' | 'prefixes'> }[],
  maxConcurrency: number,
): number => {
  const atFullRate = loads.reduce((seconds, { plan, chunk: { urls, prefixes } }) => {
    const limit = rateLimits[plan]
    return (
      seconds +
      urls.length / limit.urls.perSecond +
      Math.ceil(prefixes.length / maxItemsPerRequest(plan, 'prefixes')) / limit.requests.perSecond
    )
  }, 0)
  return Math.min(maxSeconds, (atFullRate * maxConcurrency) / shareOfEvents)
}
