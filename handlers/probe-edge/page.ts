// What one page at the public name is called: content decides where it can, and headers where it cannot. No I/O, no clock.

import { type EdgeAnswer, dataCentre, judgeEdge } from '../../edge/cloudflare/freshness.ts'
import { type ContentObservation, describeNewCopy, isOldCopy, isSurelyOldCopy } from '../../statemachines/data/content.ts'
import type { Attempt } from './attempt.ts'
import type { Judged } from './freshness.ts'

const headersOf = ({ headers }: EdgeAnswer): string =>
  `${headers['cf-cache-status']?.toUpperCase() ?? 'no cf-cache-status'} (${dataCentre(headers['cf-ray'])})`

const neverClear = (answer: EdgeAnswer): Judged => ({
  verdict: 'unproven',
  evidence: headersOf(answer),
  cause:
    answer.headers['age'] === undefined
      ? 'a HIT without an Age proves nothing'
      : 'its age does not tell whether it is from before the purge',
})

const withDifference = (difference: string, { cause, ...judged }: Judged): Judged => ({
  ...judged,
  cause: cause === '' ? difference : `${difference}. ${cause}`,
})

/** So many attempts, each with new references, have to say the same before content alone calls a copy old. */
const attemptsToBeSure = 3

export interface Context {
  /** How it compared before the purge, if that is known. */
  readonly before: ContentObservation | undefined
  /** Epoch milliseconds: what the edge has stored since then is new. */
  readonly originCleanAt: number
  /** Nobody asks again, so this has to be called something. */
  readonly isLast: boolean
}

export interface PageJudged extends Judged {
  /** By content alone, if another page of the host is what the site makes. */
  readonly isSurelyOld?: true
  readonly isEqual?: true
}

/** @returns `again` where another attempt can tell more */
export const judgePage = (attempts: readonly Attempt[], { before, originCleanAt, isLast }: Context): PageJudged | 'again' => {
  const last = attempts.at(-1)
  if (last === undefined) return 'again'
  const { reader, comparison } = last
  const isRedirect = reader.status >= 300 && reader.status < 400
  if (comparison.result === 'equal' && !isRedirect) {
    return { verdict: 'fresh', evidence: `${describeNewCopy(before)}, ${headersOf(reader)}`, cause: '', isEqual: true }
  }
  const clear = judgeEdge(reader, originCleanAt)
  if (clear === 'unclear' && !isLast) return 'again'
  const judged = clear === 'unclear' ? neverClear(reader) : clear
  if (comparison.result === 'equal') return judged
  if (comparison.result === 'unknown') return { ...judged, evidence: `${judged.evidence}, by headers: ${comparison.reason}` }
  if (judged.verdict === 'stale') return withDifference(comparison.difference, judged)
  if (!isLast) return 'again'
  const told = withDifference(comparison.difference, judged)
  if (attempts.length >= attemptsToBeSure && attempts.every((each) => isSurelyOldCopy(before, each.observation)))
    return { ...told, verdict: 'unproven', evidence: `the copy of before, ${headersOf(reader)}`, isSurelyOld: true }
  // Whatever the headers say: a copy that differs now as it did before is no new one.
  if (attempts.some((each) => isOldCopy(before, each.observation)))
    return { ...told, verdict: 'unproven', evidence: `the copy of before, ${headersOf(reader)}` }
  // There are sites whose pages always read otherwise with a query string: the difference alone is no sign of an old copy.
  return judged.verdict === 'fresh' ? { ...judged, evidence: `${judged.evidence}, by headers: ${comparison.difference}` } : told
}

/** What is surely old is stale where another page of its host shows that pages of it are what the site makes. */
export const judgeTogether = (pages: readonly (PageJudged & { readonly url: string })[]): (Judged & { readonly url: string })[] =>
  pages.map(({ isSurelyOld, isEqual: _isEqual, ...page }) => {
    const hasWitness = pages.some(({ url, isEqual }) => isEqual && url !== page.url && new URL(url).host === new URL(page.url).host)
    return isSurelyOld && hasWitness
      ? { ...page, verdict: 'stale', evidence: page.evidence.replace('the copy of before', 'OLD copy') }
      : page
  })
