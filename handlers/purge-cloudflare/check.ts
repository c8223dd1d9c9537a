// Whether credentials may purge a zone, found out without purging anything. No I/O, no clock.

import { type PurgeAnswer, readPurgeAnswer } from '../../edge/cloudflare/answer.ts'
import type { EdgeCheck, EdgeProgress } from '../../statemachines/data/edge.ts'

/** Of requests that Cloudflare understood well enough to refuse for what they ask. */
const isPurgeCode = (code: number): boolean => code >= 1000 && code < 1200

/** @param answer undefined stands for a network error or a time-out */
export const judgeCheck = (
  answer: PurgeAnswer | undefined,
  { zoneId, credentials }: Pick<EdgeProgress, 'zoneId' | 'credentials'>,
): EdgeCheck => {
  if (answer === undefined) return { outcome: 'unknown', said: 'Cloudflare could not be reached' }
  const { outcome, codes, said } = readPurgeAnswer(answer)
  if (outcome === 'throttled' || answer.status >= 500) return { outcome: 'unknown', said }
  if (answer.status === 400 && codes.length > 0 && codes.every(isPurgeCode)) return { outcome: 'allowed', said }
  if (answer.status >= 400 && codes.length > 0)
    return { outcome: 'refused', said: `${said}. Check that the credentials in ${credentials.parameter} may purge the zone ${zoneId}` }
  return { outcome: 'unknown', said }
}
