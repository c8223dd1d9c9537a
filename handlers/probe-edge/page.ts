// What one page at the edge is called: content decides where it can, and headers where it cannot. No I/O, no clock.

import type { Comparison } from './content/compare.ts'
import { dataCentre, type EdgeAnswer, judgeEdge } from '../../edge/cloudflare/freshness.ts'
import type { Judged } from './freshness.ts'

const beforeFullStop = (difference: string, cause: string): string => (cause === '' ? difference : `${difference}. ${cause}`)

const neverClear = ({ headers }: EdgeAnswer): Judged => ({
  verdict: 'unproven',
  evidence: `HIT (${dataCentre(headers['cf-ray'])})`,
  cause: headers['age'] === undefined ? 'a HIT without an Age proves nothing' : 'its age does not tell whether it is from before the purge',
})

const evidenceOf = ({ headers }: EdgeAnswer): string =>
  `new copy, ${headers['cf-cache-status']?.toUpperCase() ?? 'no cf-cache-status'} (${dataCentre(headers['cf-ray'])})`

/**
 * @param isLast nobody asks again, so this has to be called something
 * @returns `again` where another request can tell more
 */
export const judgePage = (
  reader: EdgeAnswer,
  content: Comparison,
  { originCleanAt, isLast }: { readonly originCleanAt: number; readonly isLast: boolean },
): Judged | 'again' => {
  if (content.verdict === 'fresh') return { verdict: 'fresh', evidence: evidenceOf(reader), cause: '' }
  const clear = judgeEdge(reader, originCleanAt)
  if (clear === 'unclear' && !isLast) return 'again'
  const judged = clear === 'unclear' ? neverClear(reader) : clear
  if (content.verdict === 'undecided') return { ...judged, evidence: `${judged.evidence}, by headers: ${content.reason}` }
  if (judged.verdict !== 'fresh') return { ...judged, cause: beforeFullStop(content.difference, judged.cause) }
  // There are sites whose pages always read otherwise with a query string, so that the difference alone is no sign of an old copy.
  return { ...judged, evidence: `${judged.evidence}, by headers: ${content.difference}` }
}
