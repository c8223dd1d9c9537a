// How often a verdict is wrong, over purges of twenty kinds of pages: sites that really are fresh, and sites with one old place.

import { describe, expect, it } from 'vitest'
import { judgeEdge } from '../../../edge/cloudflare/freshness.ts'
import type { PageAnswer } from '../../../handlers/probe-edge/request-page.ts'
import { runs } from '../../runs.ts'
import { noon } from '../factories.ts'
import { home, purgePages } from './purge-a-page.ts'

const witness = `${home}about`
const seeds = 53

/** What an editor can change. */
interface Content {
  readonly word: string
  readonly price: string
  readonly link: string
  readonly image: string
}
const now: Content = { word: 'autumn', price: '25.95', link: '/news/2', image: 'photo-2' }
const old: readonly [what: keyof Content, was: Content][] = [
  ['word', { ...now, word: 'summer' }],
  ['price', { ...now, price: '24.95' }],
  ['link', { ...now, link: '/news/1' }],
  ['image', { ...now, image: 'photo-1' }],
]

interface Request {
  /** Behind the page's own address; empty for a reader. */
  readonly query: string
  /** From 0 up to the number. */
  readonly random: (below: number) => number
}
type Kind = (content: Content, request: Request) => Partial<PageAnswer>

const randomFrom = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const body = ({ word, price, link, image }: Content, more = ''): string =>
  `<!doctype html>\n<html><head><title>Our garden</title>\n<!-- theme -->\n</head><body class="home">\n<h1>The garden in ${word}</h1>\n<p>All about it, for every reader.</p>\n<p>Price: <b>${price}</b> EUR</p>\n<p><a href="${link}">Read on</a> <img src="/uploads/${image}.jpg" alt="Garden"></p>\n${more}\n<p>Seven things that stay as they are.</p></body></html>`
const html =
  (more: (request: Request) => string): Kind =>
  (content, request) => ({ body: body(content, more(request)) })
/** What an optimiser does to pages without a query string. */
const optimised =
  (write: (page: string) => string): Kind =>
  (content, { query }) => ({ body: query === '' ? write(body(content)) : body(content) })
const hex = (random: Request['random']): string => Array.from({ length: 16 }, () => random(16).toString(16)).join('')
const typed = (type: string, text: string): Partial<PageAnswer> => ({ body: text, headers: { 'content-type': type } })
const long = Array.from({ length: 20_000 }, (_, index) => `<p>Paragraph ${index} of a long report, in full.</p>`).join('\n')

const isText = new Set<keyof Content>(['word', 'price'])
/** @param changes what of the content shows in it; all of it where none is given */
const kinds: readonly [name: string, kind: Kind, changes?: readonly (keyof Content)[]][] = [
  ['static', html(() => '')],
  ['nonce', html(({ random }) => `<script nonce="${hex(random)}">var n="${hex(random)}"</script>`)],
  [
    'CSRF',
    html(
      ({ random }) =>
        `<form action="/go"><input type="hidden" name="t" value="${hex(random)}"><a href="/out?n=${hex(random)}">Out</a></form>`,
    ),
  ],
  ['minutes ago', html(({ random }) => `<p>Updated ${2 + random(50)} minutes ago</p>`)],
  ['view counter', html(({ random }) => `<p>Seen <b>${random(100_000)}</b> times</p>`)],
  [
    'price beside a counter',
    ({ price, ...rest }, { random }) => ({ body: body({ ...rest, price: `${price}</b> <i>${random(100_000)}</i> <b>` }) }),
  ],
  [
    'rotating teasers',
    html(({ random }) =>
      [0, 1, 2]
        .map(() => random(20))
        .map((n) => `<li><a href="/t/${n}">Teaser ${n} of many</a></li>`)
        .join(''),
    ),
  ],
  [
    'minified',
    optimised((page) =>
      page
        .replace(/<!--[^]*?-->/g, '')
        .replace(/\s+/g, ' ')
        .replaceAll('> <', '><')
        .replaceAll('class="home"', 'class=home'),
    ),
  ],
  ['lazy images', optimised((page) => page.replace(/<img src="([^"]*)"/g, '<img src="data:image/gif;base64,R0" data-lazy-src="$1"'))],
  ['WebP images', optimised((page) => page.replaceAll('.jpg', '.jpg.webp'))],
  [
    'canonical link',
    html(({ query }) => `<link rel="canonical" href="${home}${query}"><meta property="og:url" content="${home}${query}">`),
  ],
  [
    'form that repeats the query',
    html(({ query }) => `<form action="/${query}"><a href="/share?u=${encodeURIComponent(home + query)}">Share</a></form>`),
  ],
  ['personalised by cookie', html(() => '<p>Hello guest</p>')],
  ['one line', (content) => ({ body: body(content).replaceAll('\n', ' ') })],
  ['404', (content) => ({ status: 404, body: body(content) })],
  ['redirect', ({ link }) => ({ status: 301, headers: { location: `${home}${link.slice(1)}` } }), ['link']],
  ['JSON', ({ word, price }) => typed('application/json', JSON.stringify({ title: word, price, list: [1, 2, 3] })), ['word', 'price']],
  [
    'RSS',
    (content) =>
      typed(
        'application/rss+xml',
        `<rss><channel><title>All our news</title><item><title>${content.word}</title><link>${content.link}</link><description><![CDATA[<p>${content.price} for all of it, today</p>]]></description></item></channel></rss>`,
      ),
    ['word', 'price'],
  ],
  ['image', ({ image }) => typed('image/jpeg', `\xff\xd8${image}`), ['image']],
  ['1 MB', html(() => long)],
]
const times = (name: string): number => runs(name === '1 MB' ? 1 : seeds)

const purge = (kind: Kind, seed: number, was: Content, hasOldPlace: boolean) => {
  const random = randomFrom(seed)
  // A cached copy is the same bytes for every reader.
  const copy = kind(was, { query: '', random })
  const sees = (url: string, isPurged: boolean): Partial<PageAnswer> => {
    if (url === home && (hasOldPlace || !isPurged)) return copy
    return kind(now, { query: '', random })
  }
  return purgePages({ reader: sees, site: (_url, query) => kind(now, { query, random }), urls: [home, witness] })
}

const byHeaders = (kind: Kind) => {
  const { status = 200, headers = {} } = kind(now, { query: '', random: randomFrom(1) })
  const judged = judgeEdge({ status, headers: { 'cf-cache-status': 'MISS', ...headers }, at: noon, answeredAt: noon }, noon)
  return judged === 'unclear' ? 'unproven' : judged.verdict
}

const verdicts = async (kind: Kind, name: string, was: Content, hasOldPlace: boolean): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (let seed = 1; seed <= times(name); seed += 1) {
    const { verdict } = await purge(kind, seed, was, hasOldPlace)
    counts[verdict] = (counts[verdict] ?? 0) + 1
  }
  return counts
}

describe('a thousand purges', () => {
  it.each(kinds)('of a fresh site are verified wherever headers alone would do: %s', async (name, kind) => {
    const verdict = byHeaders(kind) === 'fresh' || name === '404' ? 'verified' : 'unproven'
    // The edit is what this purge brought to readers, or they had it before.
    expect(await verdicts(kind, name, { ...now, word: 'summer' }, false)).toEqual({ [verdict]: times(name) })
    expect(await verdicts(kind, name, now, false)).toEqual({ [verdict]: times(name) })
  })

  it.each(
    kinds.flatMap(([name, kind, changes]) =>
      old.filter(([what]) => changes?.includes(what) ?? true).map(([what, was]) => ({ name, what, kind, was })),
    ),
  )('of a site with one old place are never verified: $what of $name', async ({ name, what, kind, was }) => {
    const verdict = isText.has(what) ? 'stale' : 'unproven'
    expect(await verdicts(kind, name, was, true)).toEqual({ [verdict]: times(name) })
  })
})
