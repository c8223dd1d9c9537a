// The rule that everything hangs on: is this answer a copy from before the purge? Nothing is trusted on first sight. No I/O, no clock.

import type { OriginSight } from '../confirm-layer/schema.ts'
import type { Finding } from './proof.ts'

type Judged = Pick<Finding, 'verdict' | 'evidence' | 'cause'>

/** What one request to the edge came back with; undefined stands for a header that was not there. */
export interface EdgeSight {
  /** HTTP status; 0 without an answer. */
  readonly status: number
  readonly cacheStatus: string | undefined
  readonly age: string | undefined
  readonly ray: string | undefined
  /** When the request was sent: epoch milliseconds. */
  readonly at: number
}

const wholeSeconds = (text: string | undefined): number | undefined => (text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined)

/** The data centre that answered: the end of `cf-ray: 8c1f0a2b3c4d5e6f-FRA`. */
export const dataCentre = (ray: string | undefined): string => /-([A-Z]{3})$/.exec(ray ?? '')?.[1] ?? 'unknown data centre'

const unfit = (status: number): string | undefined => {
  if (status === 0) return 'there was no answer'
  return status >= 400 ? `the answer was HTTP ${status}` : undefined
}

const edgeCauses =
  'Cloudflare still serves a copy from before the purge: is it the right zone, does the purge cover this URL (host, scheme, query, cache key), and is no other cache in front of or behind Cloudflare?'

/**
 * @param purgedAt epoch milliseconds, when the last purge request was about to be sent
 * @returns `unclear` for a HIT so young that whole seconds cannot tell; a later request can
 */
export const judgeEdge = (sight: EdgeSight, purgedAt: number): Judged | 'unclear' => {
  const status = sight.cacheStatus?.toUpperCase() ?? 'none'
  const age = wholeSeconds(sight.age)
  const evidence = `${status}${age === undefined ? '' : ` age ${age}`} (${dataCentre(sight.ray)})`
  const unproven = (cause: string): Judged => ({ verdict: 'unproven', evidence, cause })
  const problem = unfit(sight.status)
  if (problem !== undefined) return unproven(problem)
  const since = (sight.at - purgedAt) / 1000
  switch (status) {
    case 'MISS':
    case 'EXPIRED':
      return { verdict: 'fresh', evidence, cause: '' }
    case 'HIT':
      if (age === undefined) return unproven('a HIT without an Age proves nothing')
      // Age is cut to whole seconds: the copy is between age and age + 1 seconds old.
      if (age + 1 <= since) return { verdict: 'fresh', evidence, cause: '' }
      return age >= since ? { verdict: 'stale', evidence, cause: edgeCauses } : 'unclear'
    case 'DYNAMIC':
    case 'BYPASS':
    case 'none':
      return unproven('Cloudflare does not cache this page, so there is nothing to see')
    default:
      return unproven(`${status} proves nothing`)
  }
}

export interface OriginContext {
  /** Values of the cache header that mean a copy was served. */
  readonly hitStatuses: readonly string[]
  /** When the purge of each nginx cache on this instance began, by its clock in epoch seconds and by the cache's directory. */
  readonly began: ReadonlyMap<string, number>
  /** Old nginx workers at the end of that purge. */
  readonly inFlight: number
  /** The instance's clock at the probe, epoch seconds. */
  readonly now: number
  readonly openFileCache: boolean
  /** What the cache said before the purge, if anybody looked. */
  readonly before: string | undefined
}

const racing = (count: number): string => `requests from before the purge still ran in ${count} old nginx workers, and may write the old page into the cache`

const storedCause = ({ stored, zone }: OriginSight, context: OriginContext): string => {
  if (stored === 0) {
    return context.openFileCache
      ? 'no cache file holds this page any more, and open_file_cache is on: nginx serves deleted files that it holds open; is nginxPidFile right, so that it is reloaded?'
      : 'no file in the configured caches holds this page: another cache serves it (a second nginx cache, Varnish, an object cache), cachePath is wrong, or the purge did not reach nginx (nginxPidFile)'
  }
  if (!context.began.has(zone)) return `it comes from ${zone}, a cache that no layer of the target purges: add it to the layers`
  return `its file in ${zone} is from before the purge: did the purge run with this cachePath?`
}

export const judgeOrigin = (sight: OriginSight, context: OriginContext): Judged => {
  const { cache, then } = sight
  const { before, began, hitStatuses, inFlight, now } = context
  const age = wholeSeconds(sight.age)
  const seen = `${cache === '' ? 'none' : cache}${age === undefined ? '' : ` age ${age}`}${then === '' ? '' : `, then ${then}`}`
  const evidence = before === undefined ? seen : `${before === '' ? 'none' : before} -> ${seen}`
  const judged = (verdict: Judged['verdict'], cause: string): Judged => ({ verdict, evidence, cause })
  const problem = unfit(sight.status)
  if (problem !== undefined) return judged('unproven', problem)
  if (began.size === 0) return judged('unproven', 'no nginx cache of this target was purged on this instance')
  // Whatever the header says: an answer that is older than the purge comes out of some cache, and its header with it.
  if (age !== undefined && age > 0 && age >= now - Math.min(...began.values())) return judged('stale', 'the answer is older than the purge: another cache in front of nginx serves it')
  if (cache === '') return judged('unproven', 'the answer has no cache header: does nginx send it (add_header X-FastCGI-Cache $upstream_cache_status)?')
  if (cache === 'MISS' || cache === 'EXPIRED') {
    if (inFlight > 0) return judged('stale', racing(inFlight))
    if (hitStatuses.includes(then)) return judged('fresh', '')
    return judged('unproven', `it is never a HIT: nginx does not cache it (cookies, Cache-Control), or another cache in front replays the header`)
  }
  if (!hitStatuses.includes(cache)) return judged('unproven', `${cache} means that this page is not served from the cache (cookies, Cache-Control), so there is nothing to see`)
  if (inFlight > 0) return judged('stale', racing(inFlight))
  const proven = sight.stored >= (began.get(sight.zone) ?? Infinity)
  return proven ? judged('fresh', '') : judged('stale', storedCause(sight, context))
}
