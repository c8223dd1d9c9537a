// What is kept of how a reader's copy of a page compared with what the site made at that time: before a purge at every place, and after
// it on an instance. A few dozen characters, because there may be ten pages on a thousand instances.

import * as z from 'zod'

export const ContentObservation = z.strictObject({
  /** `lacks`: both references have words that the reader's copy lacks. `unknown`: there was nothing to compare with. */
  result: z.enum(['equal', 'lacks', 'differs', 'unknown']),
  /** Of the copy's bytes. */
  copy: z.string().max(16),
  /** Of what differs: two sketches with a number in common are about the same difference. */
  sketch: z.string().max(40),
})
export type ContentObservation = z.infer<typeof ContentObservation>

const shared = (one: string, other: string): boolean => {
  const numbers = other.split(',')
  return one !== '' && one.split(',').some((number) => numbers.includes(number))
}

const isOld = ({ result }: ContentObservation): boolean => result === 'lacks' || result === 'differs'

/** Whether the copy is still the one of before: it differs from what the site makes, and in something that it differed in then. */
export const isOldCopy = (before: ContentObservation | undefined, now: ContentObservation): boolean =>
  before !== undefined && isOld(before) && isOld(now) && (before.copy === now.copy || shared(before.sketch, now.sketch))

/** Grounds enough to call it stale whatever the headers say, if they hold three times and another page of the host is fine. */
export const isSurelyOldCopy = (before: ContentObservation | undefined, now: ContentObservation): boolean =>
  before !== undefined && isOld(before) && now.result === 'lacks' && before.copy === now.copy

/** In words, where the copy is what the site makes now. */
export const describeNewCopy = (before: ContentObservation | undefined): string => {
  if (before?.result === 'equal') return 'unchanged by this purge: readers already had what the site makes'
  return before !== undefined && isOld(before) ? 'new copy (was the old one before)' : 'new copy'
}
