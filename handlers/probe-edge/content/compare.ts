// Is what a reader gets the page that the site makes now? Compared with two references, requested under query strings that no cache has.
// The same definition as ssm/probe-origin/compare.sh, on bytes as latin1 strings.

import { describeDifference } from './describe.ts'
import { removeMarker } from './marker.ts'
import { sketchOf } from './sketch.ts'
import { differenceOf, templateOf } from './template.ts'
import { tokensOfJson, tokensOfPage } from './tokens.ts'

/** What counts of one answer. */
export interface Page {
  /** HTTP status; 0 without an answer. */
  readonly status: number
  readonly type: string
  /** Where a redirect goes. */
  readonly location: string
  /** The body as latin1: a character a byte. */
  readonly body: string
}

export type Comparison =
  /** The reader's copy is the reference, outside of what changes from one request to the next. */
  | { readonly result: 'equal' }
  /** It is not; `lacks` where both references have words that the reader's copy lacks. */
  | { readonly result: 'lacks' | 'differs'; readonly sketch: string; readonly difference: string }
  /** Content tells nothing here. */
  | { readonly result: 'unknown'; readonly reason: string }

export const maxBytes = 2 * 1024 * 1024

const headOf = ({ status, location, type }: Page): string =>
  `${status} ${removeMarker(location)} ${type.replace(/;[^]*$/, '').trim()}`.toLowerCase()

const unknown = (reason: string): Comparison => ({ result: 'unknown', reason })

const problemOf = (pages: readonly Page[], references: readonly Page[]): string | undefined => {
  const [first, second] = references
  if (references.some(({ status }) => status === 0)) return 'there was no answer to the reference'
  if (pages.some(({ body }) => body.length > maxBytes)) return 'the page has more than 2 MB'
  if (first === undefined || second === undefined || headOf(first) !== headOf(second)) return 'the site answers two requests differently'
  return [200, 404, 410].includes(first.status) ? undefined : `the reference was HTTP ${first.status}`
}

const differs = (difference: string, result: 'lacks' | 'differs' = 'differs'): Comparison => ({
  result,
  sketch: sketchOf([difference]),
  difference,
})

const compareBytes = (reader: string, first: string, second: string): Comparison => {
  if (first !== second) return unknown('the site makes different bytes every time')
  return reader === first ? { result: 'equal' } : differs('the reader gets other bytes than the site now makes')
}

const count = (tokens: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1)
  return counts
}

/** Whether both references have more of a word than the reader, wherever it stands. */
const lacksWords = (reader: readonly string[], first: readonly string[], second: readonly string[]): boolean => {
  const [inReader, inFirst, inSecond] = [count(reader), count(first), count(second)]
  return [...inFirst].some(([token, found]) => token.startsWith('T') && found === inSecond.get(token) && found > (inReader.get(token) ?? 0))
}

export const compareContent = (reader: Page, first: Page, second: Page): Comparison => {
  const problem = problemOf([reader, first, second], [first, second])
  if (problem !== undefined) return unknown(problem)
  if (reader.status === 0) return unknown('there was no answer')
  if (headOf(reader) !== headOf(first)) return differs(`the reader gets HTTP ${headOf(reader)}; the site now answers HTTP ${headOf(first)}`)
  const [page, one, two] = [removeMarker(reader.body), removeMarker(first.body), removeMarker(second.body)]
  if (!/html|xml|json/i.test(first.type)) return compareBytes(page, one, two)
  const tokensOf = /json/i.test(first.type) ? tokensOfJson : tokensOfPage
  const [ofReader, ofFirst, ofSecond] = [tokensOf(page), tokensOf(one), tokensOf(two)]
  const template = templateOf(ofFirst, ofSecond)
  if (template === undefined) return unknown('what the site makes has too little in common from one request to the next')
  const difference = differenceOf(template, ofReader)
  if (difference === undefined) return differs('most of the page differs', lacksWords(ofReader, ofFirst, ofSecond) ? 'lacks' : 'differs')
  const { lacks, more } = difference
  if (lacks.length + more.length === 0) return { result: 'equal' }
  const isLacking = lacks.some((token) => token.startsWith('T')) && lacksWords(ofReader, ofFirst, ofSecond)
  return {
    result: isLacking ? 'lacks' : 'differs',
    sketch: sketchOf([...lacks.map((token) => `-${token}`), ...more.map((token) => `+${token}`)]),
    difference: describeDifference(difference),
  }
}
