// Splits a page into its texts and its tags, in time that grows with its length only. What a reader never sees is left out.

export type Part = { readonly text: string } | { readonly tag: string; readonly attributes: ReadonlyMap<string, string> }

const unseen = ['script', 'style', 'noscript', 'template']
const attribute = /([^\s"'=<>/]{1,100})\s{0,20}=\s{0,20}("[^"]*"|'[^']*'|[^\s"'>]+)/g

const attributesOf = (inside: string): Map<string, string> =>
  new Map([...inside.matchAll(attribute)].map(([, name = '', value = '']) => [name.toLowerCase(), value.replace(/^(["'])([^]*)\1$/, '$2')]))

/** A > in a quoted value ends no tag, and only behind a = does a quote begin a value. */
const endOfTag = (page: string, from: number): number => {
  const special = /=\s*["']|>/g
  special.lastIndex = from
  for (let found = special.exec(page); found; found = special.exec(page)) {
    if (found[0] === '>') return found.index
    const close = page.indexOf(found[0].slice(-1), special.lastIndex)
    if (close === -1) break
    special.lastIndex = close + 1
  }
  return page.indexOf('>', from)
}

const orEnd = (index: number, page: string, length: number): number => (index === -1 ? page.length : index + length)

const endOfElement = (page: string, tag: string, from: number): number => {
  const close = new RegExp(`</${tag}(?=[\\s>/])`, 'gi')
  close.lastIndex = from
  return close.exec(page)?.index ?? page.length
}

export function* partsOf(page: string): Generator<Part> {
  let at = 0
  while (at < page.length) {
    const open = page.indexOf('<', at)
    if (open > at || open === -1) yield { text: page.slice(at, open === -1 ? page.length : open) }
    if (open === -1) return
    if (page.startsWith('<!--', open)) {
      at = orEnd(page.indexOf('-->', open + 4), page, 3)
      continue
    }
    if (page.startsWith('<![CDATA[', open)) {
      const end = page.indexOf(']]>', open)
      yield { text: page.slice(open + 9, end === -1 ? page.length : end) }
      at = orEnd(end, page, 3)
      continue
    }
    const name = /^<([/!?]?[a-z][a-z0-9:-]*)/i.exec(page.slice(open, open + 64))?.[1]
    const end = name === undefined ? -1 : endOfTag(page, open)
    if (name === undefined || end === -1) {
      // A < that begins no tag is a word like any other.
      yield { text: '<' }
      at = open + 1
      if (name !== undefined) {
        yield { text: page.slice(at) }
        return
      }
      continue
    }
    const tag = name.toLowerCase()
    yield { tag, attributes: attributesOf(page.slice(open + 1 + name.length, end)) }
    at = unseen.includes(tag) ? endOfElement(page, tag, end + 1) : end + 1
  }
}
