// Is this answer of the origin a copy from before the purge? Nothing is trusted at once. No I/O, no clock.

import { likelyRefusal, responseProblem, wholeSeconds } from '../../edge/response.ts'
import type { OriginObservation } from '../../statemachines/data/outcome.ts'
import type { Finding } from '../../statemachines/data/proof.ts'

export type Judged = Pick<Finding, 'verdict' | 'evidence' | 'cause'>

export interface OriginContext {
  /** Values of the cache header that mean a copy was served. */
  readonly hitStatuses: readonly string[]
  /** When the purge of each nginx cache on this instance started, by its clock in epoch seconds and by the cache's directory. */
  readonly purgeStartedAt: ReadonlyMap<string, number>
  /** Old nginx workers at the end of that purge; `unknown` where they could not be seen. */
  readonly inFlight: number | 'unknown'
  /** The instance's clock at the probe, epoch seconds. */
  readonly now: number
  readonly openFileCache: boolean
  /** What the cache said before the purge, if anybody asked. */
  readonly before: string | undefined
  /** Nothing is purged again after this round. */
  readonly isLast: boolean
}

const racing = (count: number): string =>
  `requests from before the purge still ran in ${count} old nginx workers, and may write the old page into the cache`
/** A web socket or a long download keeps a worker for hours: every page is new, but nobody can tell what such a request will write. */
const stillRacing = (count: number): string =>
  `requests from before the purge still run in ${count} old nginx workers, also after a second purge: is it a long download or a web socket? A slow page could yet come back old`
const maybeRacing =
  'nginx was not seen to reload, so nothing shows whether requests from before the purge still run: a page could yet come back old'

/** Date as HTTP has it, in epoch seconds. */
const madeAt = (date: string): number | undefined =>
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(date) ? Date.parse(date) / 1000 : undefined
/** PHP's machine need not be nginx's, nor have quite the same time. */
const clockDifferenceSeconds = 5

const storedCause = ({ stored, zone }: OriginObservation, context: OriginContext): string => {
  if (stored === 0) {
    return context.openFileCache
      ? 'no cache file holds this page any more, and open_file_cache is on: nginx serves deleted files that it holds open; is nginxPidFile right, so that it is reloaded?'
      : 'no file in the configured caches holds this page: another cache serves it (a second nginx cache, Varnish, an object cache), cachePath is wrong, or the purge did not reach nginx (nginxPidFile)'
  }
  if (!context.purgeStartedAt.has(zone)) return `it comes from ${zone}, a cache that no layer of the target purges: add it to the layers`
  return `its file in ${zone} is from before the purge: did the purge run with this cachePath?`
}

/** As if no request from before the purge were running. */
const judgeCopy = (observation: OriginObservation, context: OriginContext): Pick<Judged, 'verdict' | 'cause'> => {
  const { cache, then } = observation
  const { purgeStartedAt, hitStatuses, now } = context
  const judged = (verdict: Judged['verdict'], cause: string) => ({ verdict, cause })
  const problem = responseProblem(observation.status)
  if (problem !== undefined) return judged('unproven', `${problem}. ${likelyRefusal(observation.status)}`)
  if (purgeStartedAt.size === 0) return judged('unproven', 'no nginx cache of this target was purged on this instance')
  const first = Math.min(...purgeStartedAt.values())
  const age = wholeSeconds(observation.age)
  const made = madeAt(observation.date)
  // Whatever the header says: an answer that is older than the purge comes out of some cache, and its header with it.
  if (age !== undefined && age > 0 && age >= now - first)
    return judged('stale', 'the answer is older than the purge: another cache in front of nginx serves it')
  if (made !== undefined && made + clockDifferenceSeconds < first)
    return judged('stale', 'the Date of the answer is from before the purge: another cache serves it, in front of nginx or behind it')
  if (cache === '')
    return judged('unproven', 'the answer has no cache header: does nginx send it (add_header X-FastCGI-Cache $upstream_cache_status)?')
  if (cache === 'MISS' || cache === 'EXPIRED') {
    return hitStatuses.includes(then)
      ? judged('fresh', '')
      : judged(
          'unproven',
          'it is never a HIT: nginx does not cache it (cookies, Cache-Control), or another cache in front replays the header',
        )
  }
  if (!hitStatuses.includes(cache))
    return judged(
      'unproven',
      `${cache} means that this page is not served from the cache (cookies, Cache-Control), so there is nothing to see`,
    )
  if (observation.zone === '?')
    return judged(
      'unproven',
      'its cache has so many files that the one of this page was not found in a minute, so nothing shows when it was stored',
    )
  return observation.stored >= (purgeStartedAt.get(observation.zone) ?? Infinity)
    ? judged('fresh', '')
    : judged('stale', storedCause(observation, context))
}

export const judgeOrigin = (observation: OriginObservation, context: OriginContext): Judged => {
  const { cache, then } = observation
  const { before, inFlight, isLast } = context
  const age = wholeSeconds(observation.age)
  const seen = `${cache === '' ? 'none' : cache}${age === undefined ? '' : ` age ${age}`}${then === '' ? '' : `, then ${then}`}`
  const evidence = before === undefined ? seen : `${before === '' ? 'none' : before} -> ${seen}`
  const judged = judgeCopy(observation, context)
  if (judged.verdict !== 'fresh' || inFlight === 0) return { ...judged, evidence }
  if (inFlight === 'unknown') return { verdict: 'unproven', evidence, cause: maybeRacing }
  return isLast ? { verdict: 'unproven', evidence, cause: stillRacing(inFlight) } : { verdict: 'stale', evidence, cause: racing(inFlight) }
}
