import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareContent } from '../../../../handlers/probe-edge/content/compare.ts'
import { withMarker } from '../../../../handlers/probe-edge/content/marker.ts'
import { anAnswer, aReference, pageOf, word, words } from './a-page.ts'

const shop = (price: string, visitors: string, more = ''): string =>
  `<h1>Blue lamp</h1><p>It costs <b>${price}</b> <i>${visitors}</i> people looked at it today</p>${more}`
const compare = (reader: string, first: string, second = first) => compareContent(anAnswer(reader), aReference(first), aReference(second))

describe('a page', () => {
  it('is fresh beside references that are the same page, whatever its words', () => {
    fc.assert(
      fc.property(words, (text) => {
        expect(compare(pageOf(text), pageOf(text))).toEqual({ verdict: 'fresh' })
      }),
    )
  })

  it('is fresh with other nonces, times and counters than its references', () => {
    fc.assert(
      fc.property(words, fc.uniqueArray(fc.integer({ min: 1e6, max: 1e9 }), { minLength: 3, maxLength: 3 }), (text, numbers) => {
        const [reader = '', first = '', second = ''] = numbers.map((number) => pageOf(text, `v${number}x`))
        expect(compare(reader, first, second)).toEqual({ verdict: 'fresh' })
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
        expect(compare(pageOf(old, a), pageOf(text, b), pageOf(text, c)).verdict).toBe('differs')
      }),
      { numRuns: 1000 },
    )
  })

  it('is never fresh with one word gone or one more', () => {
    fc.assert(
      fc.property(words, fc.nat(), word, (text, at, other) => {
        const place = at % text.length
        expect(compare(pageOf(text.toSpliced(place, 1)), pageOf(text)).verdict).toBe('differs')
        expect(compare(pageOf(text.toSpliced(place, 0, other)), pageOf(text)).verdict).toBe('differs')
      }),
    )
  })

  it('shows an old price beside a counter, and both prices', () => {
    expect(compare(shop('10 €', '17'), shop('12 €', '18'), shop('12 €', '19'))).toEqual({
      verdict: 'differs',
      difference: 'the reader’s page says “It costs 10 € 17 people”; the site now makes “It costs 12 € people looked”',
    })
    expect(compare(shop('12 €', '17'), shop('12 €', '18'), shop('12 €', '19'))).toEqual({ verdict: 'fresh' })
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
    ['a word behind a < that is no tag', '1 < 2 red', '1 < 2 blue'],
    ['a word in CDATA', '<![CDATA[red]]>', '<![CDATA[blue]]>'],
    ['an unfinished tag at the end', '<b red', '<b blue'],
  ])('differs by %s', (_name, reader, reference) => {
    expect(compare(shop('1', '2', reader), shop('1', '2', reference)).verdict).toBe('differs')
  })

  it.each([
    ['minified markup', '<p>one two</p>', '<p class="x">\n  one\n  two\n</p>'],
    ['lazy loading', '<img src="data:image/gif;base64,R0" data-src="/a-300x200.webp">', '<img src="/a.jpg" srcset="/a-300x200.jpg 300w">'],
    ['combined styles and scripts', '<link href="/all.css"><script>a < b</script>', '<link href="/a.css"><style>p > a {}</style>'],
    ['a comment of the cache', '<!-- cached > at noon -->', ''],
    ['an entity for its letter', '&lt;3 &#8364; it&apos;s', "&#x3c;3 € it's"],
  ])('does not differ by %s', (_name, reader, reference) => {
    expect(compare(shop('1', '2', reader), shop('1', '2', reference))).toEqual({ verdict: 'fresh' })
  })

  it('does not differ by its own address, which the references repeat with their query string', () => {
    const page = (url: string): string =>
      shop('1', '2', `<form action="${url}"></form><a href="/share?u=${encodeURIComponent(url)}">share</a>`)
    for (const url of ['https://www.example.com/lamp', 'https://www.example.com/lamp?colour=blue']) {
      expect(
        compareContent(
          anAnswer(page(url)),
          aReference(page(withMarker(url, 'a1')), { marker: 'a1' }),
          aReference(page(withMarker(url, 'b2')), { marker: 'b2' }),
        ),
      ).toEqual({ verdict: 'fresh' })
    }
  })

  it('differs by its status', () => {
    expect(
      compareContent(anAnswer(shop('1', '2')), aReference(shop('1', '2'), { status: 404 }), aReference(shop('1', '2'), { status: 404 })),
    ).toEqual({ verdict: 'differs', difference: 'the reader gets HTTP 200 text/html; the site now answers HTTP 404 text/html' })
  })
})

describe('a reference', () => {
  const page = shop('1', '2')
  const html = { 'content-type': 'text/html; charset=utf-8' }

  it('that repeats its own query string is the site’s, whatever the headers say', () => {
    const references = ['a1', 'b2'].map((marker) =>
      aReference(shop('1', '2', `<form action="/?purgeflow=${marker}"></form>`), { marker, headers: { ...html, 'x-cache': 'HIT' } }),
    )
    expect(compareContent(anAnswer(shop('1', '2', '<form action="/"></form>')), references[0]!, references[1]!)).toEqual({
      verdict: 'fresh',
    })
  })

  it.each<[string, Record<string, string>, RegExp]>([
    ['Cloudflare had', { 'cf-cache-status': 'HIT' }, /cf-cache-status: HIT/],
    ['nginx had', { 'cf-cache-status': 'MISS', 'x-fastcgi-cache': 'STALE' }, /x-fastcgi-cache: STALE/],
    ['CloudFront had', { 'cf-cache-status': 'DYNAMIC', 'x-cache': 'Hit from cloudfront' }, /x-cache: Hit from cloudfront/],
    ['something had for a while', { 'cf-cache-status': 'MISS', age: '3' }, /Age: 3/],
    ['nothing speaks for', {}, /nothing shows/],
  ])('that %s is none', (_name, headers, reason) => {
    expect(compareContent(anAnswer(page), aReference(page, { headers: { ...html, ...headers } }), aReference(page))).toEqual({
      verdict: 'undecided',
      reason: expect.stringMatching(reason) as string,
    })
  })

  it('that repeats the query string of another request is none', () => {
    const kept = shop('1', '2', '<form action="/?purgeflow=a1"></form>')
    const headers = { ...html, 'x-cache': 'HIT' }
    expect(
      compareContent(anAnswer(kept), aReference(kept, { marker: 'a1', headers }), aReference(kept, { marker: 'b2', headers })).verdict,
    ).toBe('undecided')
  })

  it.each([0, 301, 403, 502])('of status %i is none', (status) => {
    expect(compareContent(anAnswer(page), aReference(page, { status }), aReference(page)).verdict).toBe('undecided')
  })

  it('with too little in common with the other tells nothing', () => {
    expect(compare('<p>a b c d</p>', '<p>a b c d</p>').verdict).toBe('undecided')
    const random = (seed: string): string => pageOf(Array.from({ length: 900 }, (_, index) => `${seed}${index}`))
    expect(compare(random('a'), random('a'), random('b')).verdict).toBe('undecided')
  })

  it('of more than 2 MB tells nothing, and says so', () => {
    expect(compareContent(anAnswer(page, { isCut: true }), aReference(page), aReference(page))).toEqual({
      verdict: 'undecided',
      reason: 'the page has more than 2 MB',
    })
  })
})

describe('what is no page', () => {
  const typed = (type: string) => ({ headers: { 'content-type': type, 'cf-cache-status': 'MISS' } })
  const compareTyped = (type: string, reader: string | Buffer, reference: string | Buffer) =>
    compareContent(anAnswer(reader, typed(type)), aReference(reference, typed(type)), aReference(reference, typed(type))).verdict

  it('is JSON by its words', () => {
    expect(compareTyped('application/json', '{"a": [1, 2],\n"b": "c d"}', '{"a":[1,2],"b":"c d"}')).toBe('fresh')
    expect(compareTyped('application/json', '{"a":[1,3],"b":"c d"}', '{"a":[1,2],"b":"c d"}')).toBe('differs')
  })

  it('is a feed by its words', () => {
    const feed = (title: string): string =>
      `<rss><channel><item><title><![CDATA[${title}]]></title><link>/a</link></item> one two three</channel></rss>`
    expect(compareTyped('application/rss+xml', feed('old news'), feed('new news'))).toBe('differs')
  })

  it('is anything else by its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), (bytes, at) => {
        const reference = Buffer.from(bytes)
        expect(compareTyped('image/png', reference, reference)).toBe('fresh')
        const other = Buffer.from(bytes)
        other[at % other.length]! ^= 1
        expect(compareTyped('image/png', other, reference)).toBe('differs')
      }),
    )
  })

  it('is text in an old encoding, in which two letters stay two', () => {
    const page = (letter: number): Buffer => Buffer.concat([Buffer.from(shop('1', '2')), Buffer.from([letter])])
    expect(compareTyped('text/html', page(0xe9), page(0xe8))).toBe('differs')
  })
})

it.each([
  ['an article', (size: number) => pageOf(Array.from({ length: size / 20 }, (_, index) => `word${index}`))],
  ['tags that never end', (size: number) => '<a href="'.repeat(size / 9)],
  ['open brackets', (size: number) => '<'.repeat(size)],
  ['unfinished comments', (size: number) => '<!-'.repeat(size / 3)],
  ['one long attribute', (size: number) => `<img src="data:image/png;base64,${'A'.repeat(size)}">`],
  ['one long tag without an end of its names', (size: number) => `<img ${'a'.repeat(size)}>`],
])('is compared in one piece when it is hostile: %s', (_name, make) => {
  // Quadratic time would not end within the time of a test.
  const page = shop('1', '2', make(500_000))
  expect(compare(page, page)).toEqual({ verdict: 'fresh' })
})
