// One attempt to see what readers get of a page: their copy, requested between two references under query strings that nobody has used.

import { createHash } from 'node:crypto'
import type { ContentObservation } from '../../statemachines/data/content.ts'
import { compareContent, type Comparison, type Page } from './content/compare.ts'
import { removeMarker, withMarker } from './content/marker.ts'
import { referenceProblem } from './content/reference.ts'
import type { PageAnswer, RequestPage } from './request-page.ts'

export interface Attempt {
  readonly reader: PageAnswer
  readonly comparison: Comparison
  readonly observation: ContentObservation
}

const pageOf = ({ status, headers, body }: PageAnswer): Page => ({
  status,
  type: headers['content-type'] ?? '',
  location: headers['location'] ?? '',
  body,
})

const observe = (comparison: Comparison, { status, body }: PageAnswer): ContentObservation => ({
  result: comparison.result,
  copy: createHash('sha256').update(`${status} `).update(removeMarker(body), 'latin1').digest('hex').slice(0, 16),
  sketch: 'sketch' in comparison ? comparison.sketch : '',
})

/**
 * @param newMarker letters and digits that nobody has used
 * @param pause before the reader's request
 */
export const attempt = async (
  url: string,
  {
    request,
    newMarker,
    pause,
  }: { readonly request: RequestPage; readonly newMarker: () => string; readonly pause?: () => Promise<unknown> },
): Promise<Attempt> => {
  const requestReference = async () => {
    const marker = newMarker()
    return { ...(await request(withMarker(url, marker))), marker }
  }
  const first = await requestReference()
  await pause?.()
  const reader = await request(url)
  const second = first.status === 0 ? first : await requestReference()
  const compared = compareContent(pageOf(reader), pageOf(first), pageOf(second))
  const problem = compared.result === 'unknown' ? undefined : referenceProblem(first, second)
  const comparison: Comparison = problem === undefined ? compared : { result: 'unknown', reason: problem }
  return { reader, comparison, observation: observe(comparison, reader) }
}
