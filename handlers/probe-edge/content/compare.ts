// Is what a reader gets the page that the site makes now? Compared with two references, requested under query strings that no cache has.

import { describeDifference } from './difference.ts'
import { removeMarker } from './marker.ts'
import { reduceJson, reducePage } from './reduce.ts'
import { matches, templateOf } from './template.ts'

/** One answer, with what counts of it. */
export interface Answer {
  /** HTTP status; 0 without an answer. */
  readonly status: number
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** The body has more than is ever read. */
  readonly isCut: boolean
}

export interface Reference extends Answer {
  readonly marker: string
}

export type Comparison =
  | { readonly verdict: 'fresh' }
  /** The reader does not get what the site makes. */
  | { readonly verdict: 'differs'; readonly difference: string }
  /** Content tells nothing here. */
  | { readonly verdict: 'undecided'; readonly reason: string }

export const maxBytes = 2 * 1024 * 1024

/** Bytes that are no UTF-8 stay apart from each other. */
const textOf = (body: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return Buffer.from(body).toString('latin1')
  }
}

const typeOf = ({ headers }: Answer): string =>
  (headers['content-type'] ?? '')
    .replace(/;[^]*$/, '')
    .trim()
    .toLowerCase()
const headOf = (answer: Answer): string => `HTTP ${answer.status} ${typeOf(answer)}`.trim()

const fromCache = /\b(hit|stale|updating|revalidated|expired)\b/i

/** The cache that had the reference already, so that it ignores query strings; undefined where each was made for us. */
const cacheThatAnswered = ({ headers }: Reference): string | undefined => {
  const found = Object.entries(headers).find(([name, value]) => /cache/.test(name) && name !== 'cache-control' && fromCache.test(value))
  if (found) return `${found[0]}: ${found[1].slice(0, 40)}`
  return headers['age'] === undefined ? undefined : `Age: ${headers['age'].slice(0, 10)}`
}

/** @returns why these are no references; undefined when they are what the site makes now */
const referenceProblem = (references: readonly Reference[]): string | undefined => {
  for (const { status } of references) {
    if (status === 0) return 'there was no answer to the reference'
    if (![200, 404, 410].includes(status)) return `the reference was HTTP ${status}`
  }
  if (new Set(references.map(headOf)).size > 1) return 'the site answers two requests differently'
  // A cache cannot know a query string that nobody has used.
  if (references.every(({ body, marker }) => Buffer.from(body).includes(marker))) return undefined
  const cache = references.map(cacheThatAnswered).find((named) => named !== undefined)
  if (cache !== undefined) return `a cache that ignores query strings answered the reference (${cache})`
  const isMade = references.every(({ headers }) => /^(MISS|DYNAMIC|BYPASS)$/i.test(headers['cf-cache-status'] ?? ''))
  return isMade ? undefined : 'nothing shows that the reference was made for us'
}

export const compareContent = (reader: Answer, first: Reference, second: Reference): Comparison => {
  const reason = [reader, first, second].some(({ isCut }) => isCut) ? 'the page has more than 2 MB' : referenceProblem([first, second])
  if (reason !== undefined) return { verdict: 'undecided', reason }
  if (headOf(reader) !== headOf(first)) {
    return { verdict: 'differs', difference: `the reader gets ${headOf(reader)}; the site now answers ${headOf(first)}` }
  }
  const type = typeOf(first)
  if (!/html|xml|json/.test(type)) return compareBytes(reader, first, second)
  const reduce = type.includes('json') ? reduceJson : reducePage
  const [page, one, two] = [reader, first, second].map(({ body }) => reduce(removeMarker(textOf(body))))
  const template = one && two && templateOf(one, two)
  if (template === undefined || page === undefined)
    return { verdict: 'undecided', reason: 'what the site makes has too little in common from one request to the next' }
  return matches(template, page) ? { verdict: 'fresh' } : { verdict: 'differs', difference: describeDifference(template, page) }
}

const compareBytes = (reader: Answer, first: Answer, second: Answer): Comparison => {
  if (Buffer.compare(first.body, second.body) !== 0) return { verdict: 'undecided', reason: 'the site makes different bytes every time' }
  if (Buffer.compare(reader.body, first.body) === 0) return { verdict: 'fresh' }
  return { verdict: 'differs', difference: 'the reader gets other bytes than the site now makes' }
}
