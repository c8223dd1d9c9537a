// Is this answer of the edge a copy from before the purge? Nothing is trusted at once. No I/O, no clock.

import { responseProblem, wholeSeconds } from '../response.ts'
import type { Finding } from '../../statemachines/data/proof.ts'

type Judged = Pick<Finding, 'verdict' | 'evidence' | 'cause'>

/** What one request to the edge came back with. */
export interface EdgeAnswer {
  /** HTTP status; 0 without an answer. */
  readonly status: number
  /** By name in lower case; what is missing was not there. */
  readonly headers: Readonly<Record<string, string>>
  /** When the request was sent: epoch milliseconds. */
  readonly at: number
  /** When the answer was there. */
  readonly answeredAt: number
}

/** The data centre that answered: the end of `cf-ray: 8c1f0a2b3c4d5e6f-FRA`. */
export const dataCentre = (ray: string | undefined): string => /-([A-Z]{3})$/.exec(ray ?? '')?.[1] ?? 'unknown data centre'

const edgeCauses =
  'Cloudflare still serves a copy from before the purge: is it the right zone, does the purge cover this URL (host, scheme, query, cache key), and is no other cache in front of or behind Cloudflare?'

/**
 * @param originCleanAt epoch milliseconds: what the edge has stored since then is new
 * @returns `unclear` for a HIT of about that age, because whole seconds cannot tell, and for one without; a later request can
 */
export const judgeEdge = (answer: EdgeAnswer, originCleanAt: number): Judged | 'unclear' => {
  const status = answer.headers['cf-cache-status']?.toUpperCase() ?? 'none'
  const age = wholeSeconds(answer.headers['age'])
  const evidence = `${status}${age === undefined ? '' : ` age ${age}`} (${dataCentre(answer.headers['cf-ray'])})`
  const unproven = (cause: string): Judged => ({ verdict: 'unproven', evidence, cause })
  const problem = responseProblem(answer.status)
  if (problem !== undefined) return unproven(problem)
  if (answer.status >= 300)
    return unproven(`it redirects to ${answer.headers['location'] ?? 'nowhere'}, so nobody saw a page: probe that one`)
  switch (status) {
    case 'MISS':
      return { verdict: 'fresh', evidence, cause: '' }
    case 'EXPIRED':
      return unproven('with Tiered Cache an upper tier may have renewed an old copy with its own')
    case 'HIT':
      if (age === undefined) return 'unclear'
      // Age is cut to whole seconds, and was counted at some moment between the request and its answer.
      if (answer.at - (age + 1) * 1000 >= originCleanAt) return { verdict: 'fresh', evidence, cause: '' }
      return answer.answeredAt - age * 1000 <= originCleanAt ? { verdict: 'stale', evidence, cause: edgeCauses } : 'unclear'
    case 'DYNAMIC':
    case 'BYPASS':
    case 'none':
      return unproven('Cloudflare does not cache this page, so there is nothing to see')
    default:
      return unproven(`${status} proves nothing`)
  }
}
