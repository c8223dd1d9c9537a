// Reduces a page to what a reader gets of it: words, link targets, image names and descriptions, in the order of the document.
// Markup does not count, because optimisers write a cached page otherwise than the same page with a query string.

import { partsOf } from './markup.ts'

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

const decode = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return entities[name] ?? whole
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })

const wordsOf = (text: string): string[] =>
  decode(text)
    .split(/[\s\u00a0]+/)
    .filter((word) => word !== '')

const linkOf = (value: string): string[] => {
  const target = decode(value)
    .trim()
    .replace(/#[^]*$/, '')
    .replace(/^https?:/, '')
  return target === '' || /^(data|javascript|blob|about):/.test(target) ? [] : [`link ${target}`]
}

const picture = /\.(jpe?g|png|gif|webp|avif|svg|ico|bmp)$/i

/** The name that is left when size and format, which optimisers choose, are taken away. */
const imagesOf = (value: string): string[] =>
  decode(value)
    .split(/[\s,]+/)
    .map((source) => source.replace(/[?#][^]*$/, ''))
    .filter((source) => picture.test(source) && !source.startsWith('data:'))
    .map(
      (source) =>
        `image ${source
          .replace(/^[^]*\//, '')
          .replace(picture, '')
          .replace(picture, '')
          .replace(/(-\d+x\d+|-scaled|@\dx)$/, '')}`,
    )

const described = (kind: string, content: string): string[] => {
  if (/description|title/i.test(kind)) return [`description ${wordsOf(content).join(' ')}`]
  return imagesOf(content)
}

const sourceOf = (tag: string, attributes: ReadonlyMap<string, string>): string[] => {
  const all = [...attributes].flatMap(([name, value]) => {
    if (/^data-.*(src|bg|background|image|poster)/.test(name)) return [{ isLazy: true, value }]
    return ['src', 'srcset', 'poster'].includes(name) ? [{ isLazy: false, value }] : []
  })
  const lazy = all.filter(({ isLazy }) => isLazy)
  const values = (lazy.length > 0 ? lazy : all).map(({ value }) => value)
  return values.flatMap((value) =>
    ['iframe', 'video', 'audio', 'embed'].includes(tag) && !picture.test(value) ? linkOf(value) : imagesOf(value),
  )
}

const tokensOf = (tag: string, attributes: ReadonlyMap<string, string>): string[] => {
  const value = (name: string): string => attributes.get(name) ?? ''
  switch (tag) {
    case 'a':
    case 'area':
      return linkOf(value('href'))
    case 'form':
      return linkOf(value('action'))
    case 'meta':
      return described(value('name') + value('property'), value('content'))
    case 'link':
    case 'script':
      return []
    default:
      return [...sourceOf(tag, attributes), ...(value('alt') === '' ? [] : [`description ${wordsOf(value('alt')).join(' ')}`])]
  }
}

export const reducePage = (page: string): string[] => {
  const tokens: string[] = []
  for (const part of partsOf(page)) {
    for (const token of 'text' in part ? wordsOf(part.text) : tokensOf(part.tag, part.attributes)) {
      // One image in many sizes is one image.
      if (!token.startsWith('image ') || token !== tokens.at(-1)) tokens.push(token)
    }
  }
  return tokens
}

export const reduceJson = (text: string): string[] => text.replace(/[{}[\]",:]/g, ' $& ').split(/\s+/)
