// Reduces a page to what a reader gets of it: words (T), link targets, image names and descriptions, in the order of the document.
// Markup does not count, because optimisers write a cached page otherwise than the same page with a query string. The same definition
// as ssm/probe-origin/compare.awk, to the token.

import { fold } from './decode.ts'
import { readTag } from './tag.ts'

const unread = ['script', 'style', 'noscript', 'template']
/** A tag that is not closed after so many brackets is none. */
const maxJoined = 30

/**
 * @returns behind the > that ends the tag which the text begins with; 0 if none does. A > in a quoted value ends no tag, and only
 * behind a = does a quote begin a value.
 */
const endOfTag = (text: string): number => {
  for (let from = 0; ; ) {
    const end = text.indexOf('>', from) + 1
    if (end === 0) return 0
    const quoted = /=[ \t\r\n]*(["'])/.exec(text.slice(from, end))
    if (quoted === null) return end
    const close = text.indexOf(quoted[1] ?? '', from + quoted.index + quoted[0].length)
    if (close < 0) return 0
    from = close + 1
  }
}

/** What awk's records are: a page between its opening brackets. */
const piecesOf = (page: string): string[] => {
  const pieces = page.split('<')
  return pieces.at(-1) === '' ? pieces.slice(0, -1) : pieces
}

const collect = () => {
  const tokens: string[] = []
  const add = (token: string): void => {
    // One image in many sizes is one image.
    if (token !== tokens.at(-1) || /^[TLDA]/.test(token)) tokens.push(token)
  }
  const text = (part: string): void => {
    for (const word of fold(part.replaceAll(']]>', ' ')).split(/ +/)) if (word !== '') add(`T${word}`)
  }
  return { tokens, add, text }
}

export const tokensOfJson = (body: string): string[] => {
  const { tokens, text } = collect()
  piecesOf(body).forEach((piece, index) => {
    text((index === 0 ? piece : `<${piece}`).replace(/[{}[\]",:]/g, ' $& '))
  })
  return tokens
}

export const tokensOfPage = (body: string): string[] => {
  const { tokens, add, text } = collect()
  let [skipped, isComment, open, joined] = ['', false, '', 0]
  const behind = (part: string, end: number, length: number): void => {
    isComment = end < 0
    if (end >= 0) text(part.slice(end + length))
  }
  const read = (piece: string): void => {
    const part = joined > 0 ? `${open}<${piece}` : piece
    if (skipped !== '') {
      if (part.slice(0, skipped.length + 1).toLowerCase() !== `/${skipped}`) return
      skipped = ''
    }
    if (isComment) behind(part, part.indexOf('-->'), 3)
    else if (part.startsWith('!--')) behind(part, part.indexOf('-->', 3), 3)
    else if (part.startsWith('![CDATA[')) text(part.slice(8))
    else if (!/^[/!?]?[A-Za-z]/.test(part)) text(`<${part}`)
    else readElement(part)
  }
  const readElement = (part: string): void => {
    let end = endOfTag(part)
    if (end === 0) {
      joined += 1
      open = part
      if (joined < maxJoined) return
      end = part.indexOf('>') + 1 || part.length
    }
    joined = 0
    const name = /^[/!?]?[A-Za-z][A-Za-z0-9:-]*/.exec(part)?.[0] ?? ''
    const tag = name.toLowerCase()
    if (/^[a-z]/.test(tag)) readTag(tag, part.slice(name.length, end), add)
    if (unread.includes(tag)) skipped = tag
    else text(part.slice(end))
  }
  piecesOf(body).forEach((piece, index) => {
    if (index === 0) text(piece)
    else read(piece)
  })
  // A tag that nothing ends is no tag: what it says counts.
  if (joined > 0) text(`<${open}`)
  return tokens
}
