// Whether two references are what the site makes now: requested under query strings that nobody has used, they still may come from a
// cache that ignores query strings.

export interface Reference {
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** As latin1. */
  readonly body: string
  /** What stands in its query string. */
  readonly marker: string
}

const fromCache = /\b(hit|stale|updating|revalidated|expired)\b/i
const madeForUs = /\b(miss|dynamic|bypass)\b/i

const cacheHeaders = (headers: Reference['headers']): [name: string, value: string][] =>
  Object.entries(headers).filter(([name]) => /cache/.test(name) && name !== 'cache-control')

/** The cache that had the reference already; undefined where none says so. */
const cacheThatAnswered = ({ headers }: Reference): string | undefined => {
  const found = cacheHeaders(headers).find(([, value]) => fromCache.test(value))
  if (found) return `${found[0]}: ${found[1].slice(0, 40)}`
  const age = headers['age'] ?? '0'
  return age === '0' ? undefined : `Age: ${age.slice(0, 10)}`
}

/** @returns why nothing shows that the references are new; undefined where something does */
export const referenceProblem = (first: Reference, second: Reference): string | undefined => {
  const references = [first, second]
  // No cache can know a query string that nobody has used.
  if (first.marker !== second.marker && references.every(({ body, marker }) => body.includes(marker))) return undefined
  const cache = references.map(cacheThatAnswered).find((named) => named !== undefined)
  if (cache !== undefined) return `a cache that ignores query strings answered the reference (${cache})`
  const isMade = references.every(({ headers }) => cacheHeaders(headers).some(([, value]) => madeForUs.test(value)))
  return isMade ? undefined : 'nothing shows that the reference was made for us'
}
