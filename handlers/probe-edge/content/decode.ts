// Text of a page as its bytes (latin1 strings), the way awk sees it on an instance: entities become the UTF-8 of their character.

const names =
  'amp 38 lt 60 gt 62 quot 34 apos 39 nbsp 160 laquo 171 raquo 187 copy 169 reg 174 middot 183 times 215 hellip 8230 ndash 8211 mdash 8212 lsquo 8216 rsquo 8217 ldquo 8220 rdquo 8221 bdquo 8222 bull 8226 euro 8364 trade 8482 auml 228 ouml 246 uuml 252 Auml 196 Ouml 214 Uuml 220 szlig 223 eacute 233 egrave 232 agrave 224 ccedil 231 rarr 8594 larr 8592'

const entities = new Map([...names.matchAll(/([A-Za-z]+) (\d+)/g)].map(([, name = '', code]) => [name, Number(code)]))

const utf8 = (code: number): string =>
  code >= 0xd800 && code <= 0xdfff
    ? // No character: its three bytes all the same, as awk makes them.
      String.fromCharCode(224 + (code >> 12), 128 + ((code >> 6) % 64), 128 + (code % 64))
    : Buffer.from(String.fromCodePoint(code)).toString('latin1')

const codeOf = (entity: string): number => {
  if (/^#[xX]/.test(entity)) return Number.parseInt(entity.slice(2), 16)
  if (entity.startsWith('#')) return entity.length < 10 ? Number(entity.slice(1)) : -1
  return entities.get(entity) ?? -1
}

export const decode = (text: string): string =>
  text.includes('&')
    ? text.replace(/&(#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);/g, (whole, entity: string) => {
        const code = codeOf(entity)
        return code > 0 && code < 0x110000 ? utf8(code) : whole
      })
    : text

/** With one kind of space; a no-break space is two bytes. */
export const fold = (text: string): string =>
  decode(text)
    .replaceAll('\xc2\xa0', ' ')
    .replace(/[\t\r\n\f\v]+/g, ' ')
