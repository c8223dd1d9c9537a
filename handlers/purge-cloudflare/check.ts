// Whether credentials may purge a zone, found out without purging anything. No I/O, no clock.

import { type EdgeAnswer, Envelope, throttleCodes } from './core.ts'
import type { EdgeCheck, EdgeProgress } from '../../statemachines/data/edge.ts'

/**
 * A purge request that Cloudflare cannot carry out: `files` must be an array (code 1014), and this is no URL either. Who may not
 * purge the zone is refused before anybody reads the body: our assumption, see docs/local-parity.md.
 */
export const checkBody = { files: 'purgeflow asks whether it may purge, and purges nothing' }

/** Of requests that Cloudflare understood well enough to refuse for what they ask. */
const isPurgeCode = (code: number): boolean => code >= 1000 && code < 1200

/** @param answer undefined stands for a network error or a time-out */
export const judgeCheck = (
  answer: EdgeAnswer | undefined,
  { zoneId, credentials }: Pick<EdgeProgress, 'zoneId' | 'credentials'>,
): EdgeCheck => {
  if (answer === undefined) return { outcome: 'unknown', said: 'Cloudflare could not be reached' }
  const errors = Envelope.safeParse(answer.body).data?.errors ?? []
  const said = `HTTP ${answer.status}: ${errors.map(({ code, message }) => `${code} ${message}`).join('; ') || 'no error message'}`
  if (answer.status === 429 || answer.status >= 500 || errors.some(({ code }) => throttleCodes.has(code)))
    return { outcome: 'unknown', said }
  if (answer.status === 400 && errors.length > 0 && errors.every(({ code }) => isPurgeCode(code))) return { outcome: 'allowed', said }
  if (answer.status >= 400 && errors.length > 0)
    return { outcome: 'refused', said: `${said}. Check that the credentials in ${credentials.parameter} may purge the zone ${zoneId}` }
  return { outcome: 'unknown', said }
}
