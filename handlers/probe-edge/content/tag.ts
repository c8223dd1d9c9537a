// What a reader gets of one tag: link targets (L), image names (I), descriptions (D) and alternative texts (A).

import { decode, fold } from './decode.ts'

const withoutQuery = (url: string): string => url.replace(/[?#][^]*$/, '')
const isImage = (url: string): boolean => /\.(jpe?g|png|gif|webp|avif|svg|ico|bmp)$/i.test(withoutQuery(url))

/** The name that is left when size and format, which optimisers choose, are taken away. */
const image = (url: string): string => {
  let name = withoutQuery(url).replace(/^[^]*\//, '')
  while (isImage(name)) name = name.replace(/\.[A-Za-z]+$/, '')
  return `I${name.replace(/(-[0-9]+x[0-9]+|-scaled|@[0-9]x)$/, '')}`
}

const link = (raw: string): string[] => {
  const target = decode(raw)
    .replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
    .replace(/#[^]*$/, '')
    .replace(/^https?:/, '')
  return target === '' || /^(data|javascript|blob|about):/.test(target) ? [] : [`L${target}`]
}

/** @param isFrame what is no image is a frame or a film, and its place is its content */
const sources = (value: string, isFrame: boolean): string[] =>
  decode(value)
    .split(/[ \t\r\n]+/)
    .map((source) => source.replace(/^,+/, '').replace(/,+$/, ''))
    .flatMap((source) => {
      if (source.startsWith('data:')) return []
      if (isImage(source)) return [image(source)]
      return isFrame && source !== '' ? [`L${withoutQuery(source.replace(/^https?:/, ''))}`] : []
    })

const longestName = 100

/** In time that grows with the tag's length only. */
function* attributesOf(inside: string): Generator<[name: string, value: string]> {
  let rest = inside
  for (let at = rest.indexOf('='); at >= 0; at = rest.indexOf('=')) {
    const name = rest
      .slice(Math.max(0, at - longestName), at)
      .replace(/[ \t\r\n]+$/, '')
      .replace(/^[^]*[ \t\r\n"'<>/]/, '')
    rest = rest.slice(at + 1).replace(/^[ \t\r\n]+/, '')
    const quote = rest.slice(0, 1)
    if (quote === '"' || quote === "'") {
      const close = rest.indexOf(quote, 1)
      yield [name.toLowerCase(), rest.slice(1, close < 0 ? rest.length : close)]
      rest = close < 0 ? '' : rest.slice(close + 1)
    } else {
      const end = rest.search(/[ \t\r\n"'>]/)
      yield [name.toLowerCase(), end < 0 ? rest : rest.slice(0, end)]
      rest = end < 0 ? '' : rest.slice(end)
    }
  }
}

const background = (style: string): string[] =>
  [...style.matchAll(/url\(([^)]*)\)/g)].flatMap(([, url = '']) => sources(url.replace(/&quot;|&#0?39;|["']/g, ''), false))

/** @param add gets each token in order */
export const readTag = (tag: string, inside: string, add: (token: string) => void): void => {
  let [alt, kind, content] = ['', '', '']
  const plain: string[] = []
  const lazy: string[] = []
  for (const [name, value] of attributesOf(inside)) {
    if (name === 'href') {
      if (tag === 'a' || tag === 'area') link(value).forEach(add)
    } else if (name === 'action') {
      if (tag === 'form') link(value).forEach(add)
    } else if (name === 'alt') alt = fold(value)
    else if (name === 'name' || name === 'property') kind = value.toLowerCase()
    else if (name === 'content') content = fold(value)
    else if (name === 'style') lazy.push(...background(value))
    else if (tag !== 'script' && (name === 'src' || name === 'srcset' || name === 'poster'))
      plain.push(...sources(value, name === 'src' && tag !== 'img'))
    else if (tag !== 'script' && /^data-.*(src|bg|background|image|poster)/.test(name)) lazy.push(...sources(value, tag === 'iframe'))
  }
  if (tag === 'meta') {
    if (/description|title/.test(kind)) add(`D${content}`)
    else if (isImage(content)) add(image(content))
    return
  }
  ;(lazy.length > 0 ? lazy : plain).forEach(add)
  if (alt !== '') add(`A${alt}`)
}
