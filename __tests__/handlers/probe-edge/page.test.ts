// A whole purge of one page at the edge, from the request before it to the verdict.

import { describe, expect, it } from 'vitest'
import { home, purgePages, type World } from './purge-a-page.ts'

const other = 'https://portal.example.com/about'

const text = (says: string): string => `<h1>A headline</h1><p>All of this stays as it is, for every reader. ${says} And so does this.</p>`
describe('a page at the edge', () => {
  it('that was the old one before and is what the site makes now is a new copy, whatever the headers say', async () => {
    const { verdict, findings } = await purgePages({
      reader: (_url, isPurged) => ({ body: text(isPurged ? 'New.' : 'Old.'), headers: { 'cf-cache-status': 'HIT', age: '3600' } }),
      site: () => ({ body: text('New.') }),
    })
    expect([verdict, findings[0]]).toEqual([
      'verified',
      { where: 'edge', url: home, verdict: 'fresh', evidence: 'new copy (was the old one before), HIT (FRA)', cause: '' },
    ])
  })

  it('that was new already says so', async () => {
    const { verdict, findings } = await purgePages({ reader: () => ({ body: text('New.') }), site: () => ({ body: text('New.') }) })
    expect([verdict, findings[0]?.evidence]).toEqual([
      'verified',
      'unchanged by this purge: readers already had what the site makes, MISS (FRA)',
    ])
  })

  it.each([
    ['the same bytes', () => 'Old.'],
    ['with another counter, and a reference with one too', (counter: number) => `Old. ${counter}`],
  ])('that is still the one of before is never verified, though the headers say MISS: %s', async (_name, says) => {
    let counter = 0
    const { verdict, findings } = await purgePages({
      reader: () => ({ body: text(says((counter += 1))) }),
      site: () => ({ body: text(says((counter += 1)).replace('Old', 'New')) }),
    })
    expect([verdict, findings[0]]).toMatchObject([
      'unproven',
      { evidence: 'the copy of before, MISS (FRA)', cause: expect.stringContaining('“New.”') as string },
    ])
  })

  const oldHome = (about: string): World => ({
    urls: [home, other],
    reader: (url) => ({ body: text(url === home ? 'Old.' : about) }),
    site: () => ({ body: text('New.') }),
  })

  it('is stale by content alone beside another page of its host that is new', async () => {
    const { verdict, findings } = await purgePages(oldHome('New.'))
    expect([verdict, findings[0]]).toMatchObject(['stale', { verdict: 'stale', evidence: 'OLD copy, MISS (FRA)' }])
  })

  it('is not stale by content alone where every page differs from its own query form', async () => {
    expect((await purgePages(oldHome('Old.'))).verdict).toBe('unproven')
  })

  it('is not stale by content alone where one of the attempts saw another copy', async () => {
    let requests = 0
    const world = oldHome('New.')
    const { verdict } = await purgePages({
      ...world,
      reader: (url) => ({ body: text(url !== home ? 'New.' : (requests += 1) === 3 ? 'Odd.' : 'Old.') }),
    })
    expect(verdict).toBe('unproven')
  })

  it('that always differs from its query form is judged by headers once it is another one than before', async () => {
    const { verdict, findings } = await purgePages({
      reader: (_url, isPurged) => ({ body: `${text(isPurged ? 'New.' : 'Old.')} ${isPurged ? 'Ann' : 'Bob'}` }),
      site: () => ({ body: text('New.') }),
    })
    expect([verdict, findings[0]?.evidence]).toEqual([
      'verified',
      'MISS (FRA), by headers: the page still says “Ann”, and the site makes none of that now',
    ])
  })

  it('that Cloudflare does not cache is verified where its content proves it', async () => {
    const dynamic = { headers: { 'cf-cache-status': 'DYNAMIC' } }
    const { verdict } = await purgePages({
      reader: () => ({ body: text('New.'), ...dynamic }),
      site: () => ({ body: text('New.'), ...dynamic }),
    })
    expect(verdict).toBe('verified')
  })

  it('that an upper tier renewed is verified where its content proves it, and else unproven', async () => {
    const expired = { headers: { 'cf-cache-status': 'EXPIRED' } }
    const reader = () => ({ body: text('New.'), ...expired })
    expect((await purgePages({ reader, site: () => ({ body: text('New.') }) })).verdict).toBe('verified')
    expect((await purgePages({ reader, site: () => ({ status: 503 }) })).verdict).toBe('unproven')
  })

  it('that redirects is not verified, wherever to: nobody saw a page', async () => {
    const redirect = { status: 301, headers: { location: 'https://portal.example.com/new' } }
    const { verdict, findings } = await purgePages({ reader: () => redirect, site: () => redirect })
    expect([verdict, findings[0]?.cause]).toMatchObject([
      'unproven',
      expect.stringContaining('redirects to https://portal.example.com/new'),
    ])
  })

  it('whose HIT has no Age at first is asked for again', async () => {
    let requests = 0
    const { verdict } = await purgePages({
      reader: () => ({ headers: { 'cf-cache-status': 'HIT', ...((requests += 1) < 3 ? {} : { age: '0' }) } }),
      site: () => ({ status: 503 }),
    })
    expect(verdict).toBe('verified')
  })
})
