// Tells in words where a reader's page is not the page that the site makes.

import { align } from './align.ts'
import { stableOf, type Template } from './template.ts'

const maxLength = 60
const [wordsBefore, wordsAfter] = [2, 3]

const quoted = (tokens: readonly string[]): string => {
  const text = tokens
    .join(' ')
    .replace(/\p{C}+/gu, '')
    .trim()
  return text.length > maxLength ? `“${text.slice(0, maxLength).trim()}…”` : `“${text}”`
}

/** The first thing that the site makes and the reader does not get, with the words around it, and what stands there instead. */
export const describeDifference = (template: Template, page: readonly string[]): string => {
  const stable = stableOf(template)
  const pairs = align(stable, page)
  if (pairs === undefined) return 'most of the page differs'
  let [nextStable, nextPage] = [0, 0]
  for (const [a, b] of [...pairs, [stable.length, page.length] as const]) {
    if (a > nextStable) {
      const from = Math.max(0, nextStable - wordsBefore)
      const pageFrom = Math.max(0, nextPage - wordsBefore)
      return `the reader’s page says ${quoted(page.slice(pageFrom, b + wordsAfter))}; the site now makes ${quoted(stable.slice(from, a + wordsAfter))}`
    }
    ;[nextStable, nextPage] = [a + 1, b + 1]
  }
  return 'the reader’s page has more than the site now makes'
}
