// Tells in words where a reader's page is not the page that the site makes.

import type { Difference } from './template.ts'

const maxLength = 60

/** Tokens are bytes behind a letter that says what they are. */
const quoted = (tokens: readonly string[]): string => {
  const text = Buffer.from(tokens.map((token) => token.slice(1)).join(' '), 'latin1')
    .toString('utf8')
    .replace(/\p{C}+/gu, '')
    .trim()
  return text.length > maxLength ? `“${text.slice(0, maxLength).trim()}…”` : `“${text}”`
}

export const describeDifference = ({ says, makes }: Difference): string => {
  if (makes.length === 0) return `the page still says ${quoted(says)}, and the site makes none of that now`
  if (says.length === 0) return `the page lacks ${quoted(makes)}, which the site now makes`
  return `the page still says ${quoted(says)}; the site now makes ${quoted(makes)}`
}
