import { once } from 'node:events'
import { createServer } from 'node:http'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { browserPath, escapedPath, filesOf, hasExtension, isWanted } from '../../../handlers/intake-s3/urls.ts'
import { encodeKey } from '../../../local/aws/s3/bucket.ts'
import { decodeKey } from '../../../handlers/intake-s3/message.ts'
import { aSource } from './fixtures.ts'

const source = aSource()
const urlsOf = (key: string, of = source): unknown[] => filesOf(key, of)

/** Any key that S3 takes: up to 1,024 bytes of UTF-8. Mostly of the characters that mean something in a URL. */
const oddText = fc.string({
  unit: fc.constantFrom(
    ...Array.from(' %#?+&=/\\.:;@,$!*\'()[]{}|^`"<>~-_aZ0\t\n\r'),
    'ü',
    '日',
    '😀',
    '\u00a0',
    '\u2028',
    '\u007f',
    '\u0000',
  ),
})
const key = fc
  .oneof(oddText, fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }))
  .filter((text) => text !== '' && Buffer.from(text).toString() === text && Buffer.byteLength(text) <= 1024)
const reachable = key.filter((text) => !text.split('/').some((part) => part === '.' || part === '..'))

describe('the URL of a key', () => {
  it.each([
    ['index.html', '/index.html'],
    ['red flower.jpg', '/red%20flower.jpg'],
    ['100%.jpg', '/100%25.jpg'],
    ['100%25.jpg', '/100%2525.jpg'],
    ['a#b.jpg', '/a%23b.jpg'],
    ['a?b=c.jpg', '/a%3Fb=c.jpg'],
    ['a+b.jpg', '/a+b.jpg'],
    ['über/日本.png', '/%C3%BCber/%E6%97%A5%E6%9C%AC.png'],
    ['a//b', '/a//b'],
    ['/a', '//a'],
    ['dir/', '/dir/'],
    ['a\\b', '/a%5Cb'],
    [' a ', '/%20a%20'],
    ['a\tb\nc', '/a%09b%0Ac'],
    ['%2e%2e/secret', '/%252e%252e/secret'],
    ["it's (1) [2] {3} |4| ^5.jpg", "/it's%20(1)%20[2]%20%7B3%7D%20|4|%20^5.jpg"],
  ])('%j is %s', (text, path) => {
    expect(urlsOf(text)[0]).toBe(`https://assets.example.com${path}`)
  })

  it.each(['..', '.', '../a', 'a/..', 'a/./b', 'a/../../b'])(
    '%j is none: browsers remove these segments, also when they are escaped',
    (text) => {
      expect(urlsOf(text)).toEqual([])
      for (const path of [text, escapedPath(text), escapedPath(text).replaceAll('.', '%2e')]) {
        expect(decodeURIComponent(new URL(path, 'https://assets.example.com/').pathname)).not.toBe(`/${text}`)
      }
    },
  )

  it.each(['...', '..a', 'a..', '.profile', '%2e', '.%2e/b'])('%j is one: it only looks like such a segment', (text) => {
    expect(urlsOf(text)).not.toEqual([])
  })

  it('is what a browser makes of a link to it, however the link escapes what it need not', () => {
    fc.assert(
      fc.property(reachable, (text) => {
        // A link by hand: what would end the path, or vanish, is escaped. encodeURI is an independent idea of what else is.
        const byHand = new URL(
          `https://assets.example.com/${encodeURI(text).replaceAll('%5B', '[').replaceAll('%5D', ']').replace(/[?#]/g, encodeURIComponent)}`,
        )
        const byProgram = new URL(`https://assets.example.com/${text.split('/').map(encodeURIComponent).join('/')}`)
        const purged = urlsOf(text)
        expect(purged).toContain(byProgram.href)
        // encodeURI escapes | and ^, which browsers leave as they are: only there the two differ.
        if (!/[|^]/.test(text)) expect(purged).toContain(byHand.href)
      }),
      { numRuns: 2000 },
    )
  })

  it('is already what a browser sends, names the object by its key, and has neither query nor fragment', () => {
    fc.assert(
      fc.property(reachable, (text) => {
        for (const url of urlsOf(text)) {
          const parsed = new URL(String(url))
          expect(parsed.href).toBe(url)
          expect(decodeURIComponent(parsed.pathname)).toBe(`/${text}`)
          expect([parsed.origin, parsed.search, parsed.hash]).toEqual(['https://assets.example.com', '', ''])
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('reaches a server as the key', async () => {
    const seen: string[] = []
    const server = createServer((request, response) => {
      seen.push(request.url ?? '')
      response.end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const keys = fc.sample(reachable, 100)
    for (const text of keys) await fetch(`http://127.0.0.1:${port}${browserPath(text)}`)
    expect(seen).toEqual(keys.map(browserPath))
    expect(seen.map((path) => decodeURIComponent(path.slice(1)))).toEqual(keys)
    server.close()
  })

  it('also covers the link of a program that escapes everything, where that is another one', () => {
    expect(urlsOf('a+b@2x.jpg')).toEqual(['https://assets.example.com/a+b@2x.jpg', 'https://assets.example.com/a%2Bb%402x.jpg'])
    expect(urlsOf('plain.jpg')).toHaveLength(1)
  })
})

describe('a key in a notification', () => {
  it('is read as it was written, whatever it is', () => {
    fc.assert(
      fc.property(key, (text) => {
        expect(decodeKey(encodeKey(text))).toBe(text)
      }),
      { numRuns: 2000 },
    )
  })

  it('has + for a space and %2B for a plus', () => {
    expect([decodeKey('red+flower.jpg'), decodeKey('a%2Bb'), decodeKey('%C3%BC')]).toEqual(['red flower.jpg', 'a+b', 'ü'])
  })

  it.each(['%FF', '%C3', '100%', '%ED%A0%80', '%zz'])('%j is not UTF-8', (text) => {
    expect(() => decodeKey(text)).toThrow(URIError)
  })
})

describe('several URLs for one object', () => {
  it('come from hosts, schemes and origins', () => {
    const of = aSource({
      hosts: ['a.example.com', 'b.example.com'],
      variants: { schemes: ['https', 'http'], origins: ['https://www.example.com'] },
    })
    const origin = { Origin: 'https://www.example.com' }
    expect(urlsOf('x', of)).toEqual(
      ['https://a.example.com/x', 'http://a.example.com/x', 'https://b.example.com/x', 'http://b.example.com/x'].flatMap((url) => [
        url,
        { url, headers: origin },
      ]),
    )
  })

  it('come from an index document, which is its folder as well', () => {
    const of = aSource({ indexDocument: 'index.html' })
    expect(urlsOf('docs/index.html', of)).toEqual(['https://assets.example.com/docs/index.html', 'https://assets.example.com/docs/'])
    expect(urlsOf('index.html', of)).toEqual(['https://assets.example.com/index.html', 'https://assets.example.com/'])
    expect(urlsOf('docs/my-index.html', of)).toHaveLength(1)
  })
})

describe('a path that differs from the key', () => {
  const of = aSource({
    rewrite: [
      { from: 'public/old/', to: 'archive/' },
      { from: 'public/', to: '' },
    ],
  })
  it.each([
    ['public/a.css', '/a.css'],
    ['public/old/a.css', '/archive/a.css'],
    ['private/a.css', '/private/a.css'],
  ])('%s is served at %s', (text, path) => {
    expect(urlsOf(text, of)).toEqual([`https://assets.example.com${path}`])
  })
})

describe('extensions', () => {
  it.each([
    ['a.jpg', true],
    ['A.JPG', true],
    ['dir.jpg/a', false],
    ['jpg', false],
    ['.jpg', false],
    ['a.jpg.txt', false],
    ['x/y.z.Jpg', true],
    ['ajpg', false],
  ])('%s has jpg: %s', (text, has) => {
    expect(hasExtension(text, ['Jpg'])).toBe(has)
  })

  it('may have several parts', () => {
    expect([
      hasExtension('a.tar.gz', ['tar.gz']),
      hasExtension('a.gz', ['tar.gz']),
      hasExtension('a.tar.gz', ['gz']),
      hasExtension('tar.gz', ['tar.gz']),
    ]).toEqual([true, false, true, false])
  })

  it.each([
    [{}, ['a.jpg', 'a', 'a.map', 'a.js.map']],
    [{ include: ['JPG'] }, ['a.jpg']],
    [{ exclude: ['map'] }, ['a.jpg', 'a']],
    [{ include: ['map', 'jpg'], exclude: ['js.map'] }, ['a.jpg', 'a.map']],
    [{ prefix: 'img/' }, []],
  ])('with %j are wanted: %j', (changes, wanted) => {
    expect(['a.jpg', 'a', 'a.map', 'a.js.map'].filter((text) => isWanted(text, aSource(changes)))).toEqual(wanted)
  })

  it('count below the prefix only', () => {
    expect(isWanted('img/a.jpg', aSource({ prefix: 'img/' }))).toBe(true)
  })
})
