import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareContent, maxBytes, type Page } from '../../../../handlers/probe-edge/content/compare.ts'
import { isOldCopy } from '../../../../statemachines/data/content.ts'
import { withMarker } from '../../../../handlers/probe-edge/content/marker.ts'
import { aPage, pageOf, word, words } from './a-page.ts'

const shop = (price: string, visitors: string, more = ''): string =>
  `<h1>Blue lamp</h1><p>It costs <b>${price}</b> <i>${visitors}</i> people looked at it today</p>${more}`
const compare = (reader: string, first: string, second = first) => compareContent(aPage(reader), aPage(first), aPage(second))

describe('a page', () => {
  it('is fresh beside references that are the same page, whatever its words', () => {
    fc.assert(
      fc.property(words, (text) => {
        expect(compare(pageOf(text), pageOf(text))).toEqual({ result: 'equal' })
      }),
    )
  })

  it('is fresh with other nonces, times and counters than its references', () => {
    fc.assert(
      fc.property(words, fc.uniqueArray(fc.integer({ min: 1e6, max: 1e9 }), { minLength: 3, maxLength: 3 }), (text, numbers) => {
        const [reader = '', first = '', second = ''] = numbers.map((number) => pageOf(text, `v${number}x`))
        expect(compare(reader, first, second)).toEqual({ result: 'equal' })
      }),
    )
  })

  it('is never fresh with one word changed, beside counters too', () => {
    fc.assert(
      fc.property(words, fc.nat(), word, fc.boolean(), (text, at, other, isVolatile) => {
        const place = at % text.length
        fc.pre(text[place] !== other)
        const old = text.with(place, other)
        const [a, b, c] = isVolatile ? ['v1x', 'v2x', 'v3x'] : ['', '', '']
        expect(compare(pageOf(old, a), pageOf(text, b), pageOf(text, c)).result).not.toBe('equal')
      }),
      { numRuns: 1000 },
    )
  })

  it('is never fresh with one word gone or one more', () => {
    fc.assert(
      fc.property(words, fc.nat(), word, (text, at, other) => {
        const place = at % text.length
        expect(compare(pageOf(text.toSpliced(place, 1)), pageOf(text)).result).not.toBe('equal')
        expect(compare(pageOf(text.toSpliced(place, 0, other)), pageOf(text)).result).not.toBe('equal')
      }),
    )
  })

  it('shows an old price beside a counter, and both prices', () => {
    expect(compare(shop('10 €', '17'), shop('12 €', '18'), shop('12 €', '19'))).toMatchObject({
      result: 'lacks',
      difference: 'the page still says “10”; the site now makes “12”',
    })
    expect(compare(shop('12 €', '17'), shop('12 €', '18'), shop('12 €', '19'))).toEqual({ result: 'equal' })
  })

  it('shows a word beside a counter that the site no longer makes', () => {
    expect(compare(shop('12 €', 'Sale! 17'), shop('12 €', '18'), shop('12 €', '19')).result).toBe('differs')
  })

  it.each([
    ['a paragraph that the reader lacks', '', '<p>Sold out</p>'],
    ['a paragraph that the reader still has', '<p>Sold out</p>', ''],
    ['another link', '<a href="/a">more</a>', '<a href="/b">more</a>'],
    ['another image', '<img src="/red.jpg">', '<img src="/blue.jpg">'],
    ['another description', '<meta name="description" content="red">', '<meta name="description" content="blue">'],
    ['another alternative text', '<img src="/a.jpg" alt="red">', '<img src="/a.jpg" alt="blue">'],
    ['a word behind a > in an attribute', '<i title="a > b">red</i>', '<i title="a > b">blue</i>'],
    ['a word behind an apostrophe in a tag', "<i don't>red</i>", "<i don't>blue</i>"],
    ['a word between two apostrophes in tags', "<i don't>red</i> <i can't>", "<i don't>blue</i> <i can't>"],
    ['a word behind a < that is no tag', '1 < 2 red', '1 < 2 blue'],
    ['a word in CDATA', '<![CDATA[red]]>', '<![CDATA[blue]]>'],
    ['an unfinished tag at the end', '<b red', '<b blue'],
  ])('differs by %s', (_name, reader, reference) => {
    expect(compare(shop('1', '2', reader), shop('1', '2', reference)).result).not.toBe('equal')
  })

  it.each([
    ['minified markup', '<p>one two</p>', '<p class="x">\n  one\n  two\n</p>'],
    ['lazy loading', '<img src="data:image/gif;base64,R0" data-src="/a-300x200.webp">', '<img src="/a.jpg" srcset="/a-300x200.jpg 300w">'],
    ['combined styles and scripts', '<link href="/all.css"><script>a < b</script>', '<link href="/a.css"><style>p > a {}</style>'],
    ['a comment of the cache', '<!-- cached > at noon -->', ''],
    ['an entity for its letter', '&lt;3 &#8364; it&apos;s', "&#x3c;3 € it's"],
  ])('does not differ by %s', (_name, reader, reference) => {
    expect(compare(shop('1', '2', reader), shop('1', '2', reference))).toEqual({ result: 'equal' })
  })

  it('does not differ by its own address, which the references repeat with their query string', () => {
    const page = (url: string): string =>
      shop('1', '2', `<form action="${url}"></form><a href="/share?u=${encodeURIComponent(url)}">share</a>`)
    for (const url of ['https://www.example.com/lamp', 'https://www.example.com/lamp?colour=blue']) {
      expect(compareContent(aPage(page(url)), aPage(page(withMarker(url, 'a1'))), aPage(page(withMarker(url, 'b2'))))).toEqual({
        result: 'equal',
      })
    }
  })

  it('differs by its status, and by where it redirects to', () => {
    expect(compareContent(aPage(shop('1', '2')), aPage('', { status: 404 }), aPage('', { status: 404 }))).toMatchObject({
      result: 'differs',
      difference: 'the reader gets HTTP 200  text/html; the site now answers HTTP 404  text/html',
    })
    expect(compare(shop('1', '2'), shop('1', '2')).result).toBe('equal')
  })

  it('that lacks nothing only differs: what it has more may be its own', () => {
    expect(compare(shop('1', '2', '<p>Sold out</p>'), shop('1', '2'))).toMatchObject({
      result: 'differs',
      difference: 'the page still says “Sold out”, and the site makes none of that now',
    })
    expect(compare(shop('1', '2'), shop('1', '2', '<p>Sold out</p>'))).toMatchObject({
      result: 'lacks',
      difference: 'the page lacks “Sold out”, which the site now makes',
    })
  })

  it('whose reference has no answer, another one, more than 2 MB, or too little, is unknown', () => {
    const page = shop('1', '2')
    const unknown = (reader: Page, first: Page, second = first) => {
      expect(compareContent(reader, first, second).result).toBe('unknown')
    }
    for (const status of [0, 301, 403, 502]) unknown(aPage(page), aPage(page, { status }))
    unknown(aPage(page, { status: 0 }), aPage(page))
    unknown(aPage(page), aPage(page), aPage(page, { type: 'text/plain' }))
    unknown(aPage('a'.repeat(maxBytes + 1)), aPage(page))
    unknown(aPage('<p>a b c d</p>'), aPage('<p>a b c d</p>'))
    const random = (seed: string): string => pageOf(Array.from({ length: 900 }, (_, index) => `${seed}${index}`))
    unknown(aPage(page), aPage(random('a')), aPage(random('b')))
  })
})

it('two copies that are old in the same word have something in common in their sketches, whatever else changes', () => {
  fc.assert(
    fc.property(words, fc.nat(), fc.tuple(word, word), (text, at, [was, is]) => {
      fc.pre(was !== is)
      const page = (price: string, volatile: string): string => pageOf(text.with(at % text.length, price), volatile)
      const [before, after] = [
        compare(page(was, 'v1x'), page(is, 'v2x'), page(is, 'v3x')),
        compare(page(was, 'v4x'), page(is, 'v5x'), page(is, 'v6x')),
      ].map((each) => ({ result: each.result, copy: '', sketch: 'sketch' in each ? each.sketch : '' }))
      expect(isOldCopy({ ...before!, copy: 'a' }, { ...after!, copy: 'b' })).toBe(true)
    }),
  )
})

describe('what is no page', () => {
  const compareTyped = (type: string, reader: string | Buffer, reference: string | Buffer) =>
    compareContent(aPage(reader, { type }), aPage(reference, { type }), aPage(reference, { type })).result

  it('is JSON by its words', () => {
    expect(compareTyped('application/json', '{"a": [1, 2],\n"b": "c d"}', '{"a":[1,2],"b":"c d"}')).toBe('equal')
    expect(compareTyped('application/json', '{"a":[1,3],"b":"c d"}', '{"a":[1,2],"b":"c d"}')).not.toBe('equal')
  })

  it('is a feed by its words', () => {
    const feed = (title: string): string =>
      `<rss><channel><item><title><![CDATA[${title}]]></title><link>/a</link></item> one two three</channel></rss>`
    expect(compareTyped('application/rss+xml', feed('old news'), feed('new news'))).not.toBe('equal')
  })

  it('is anything else by its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), (bytes, at) => {
        const reference = Buffer.from(bytes)
        expect(compareTyped('image/png', reference, reference)).toBe('equal')
        const other = Buffer.from(bytes)
        other[at % other.length]! ^= 1
        expect(compareTyped('image/png', other, reference)).not.toBe('equal')
      }),
    )
  })

  it('is text in an old encoding, in which two letters stay two', () => {
    const page = (letter: number): Buffer => Buffer.concat([Buffer.from(shop('1', '2')), Buffer.from([letter])])
    expect(compareTyped('text/html', page(0xe9), page(0xe8))).not.toBe('equal')
  })
})

it.each([
  ['an article', (size: number) => pageOf(Array.from({ length: size / 30 }, (_, index) => `word${index}`))],
  ['tags that never end', (size: number) => '<a href="'.repeat(size / 9)],
  ['open brackets', (size: number) => '<'.repeat(size)],
  ['unfinished comments', (size: number) => '<!-'.repeat(size / 3)],
  ['one long attribute', (size: number) => `<img src="data:image/png;base64,${'A'.repeat(size)}">`],
  ['one long tag without an end of its names', (size: number) => `<img ${'a'.repeat(size)}>`],
])('is compared in one piece when it is hostile: %s', (_name, make) => {
  // Quadratic time would not end within the time of a test.
  const page = shop('1', '2', make(100_000))
  expect(compare(page, page)).toEqual({ result: 'equal' })
})
