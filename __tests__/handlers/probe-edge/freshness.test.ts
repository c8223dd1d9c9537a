import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OriginObservation } from '../../../statemachines/data/outcome.ts'
import { judgeOrigin, type OriginContext } from '../../../handlers/probe-edge/freshness.ts'

const began = 1_800_000_000
const zone = '/var/cache/nginx/portal'
const atOrigin = (changes: Partial<OriginObservation> = {}): OriginObservation => ({
  status: 200,
  cache: 'MISS',
  then: 'HIT',
  age: '',
  date: '',
  stored: 0,
  zone: '',
  ...changes,
})
const context = (changes: Partial<OriginContext> = {}): OriginContext => ({
  hitStatuses: ['HIT', 'STALE', 'UPDATING', 'REVALIDATED'],
  purgeStartedAt: new Map([[zone, began]]),
  inFlight: 0,
  now: began + 10,
  openFileCache: false,
  before: 'HIT',
  isLast: false,
  ...changes,
})
const httpDate = (seconds: number): string => new Date(seconds * 1000).toUTCString()

describe('the origin', () => {
  it.each<[string, Partial<OriginObservation>, Partial<OriginContext>, string, RegExp]>([
    ['a MISS that is a HIT the next time', {}, {}, 'fresh', /^$/],
    ['EXPIRED, then a HIT', { cache: 'EXPIRED' }, {}, 'fresh', /^$/],
    ['a MISS that stays one: the header may be a copy itself', { then: 'MISS' }, {}, 'unproven', /another cache in front/],
    ['a HIT whose file is from after the purge', { cache: 'HIT', then: '', stored: began, zone }, {}, 'fresh', /^$/],
    [
      'a HIT whose file is from before the purge',
      { cache: 'HIT', then: '', stored: began - 1, zone },
      {},
      'stale',
      /from before the purge/,
    ],
    ['a HIT without a file, open_file_cache on', { cache: 'HIT', then: '' }, { openFileCache: true }, 'stale', /open_file_cache/],
    ['a HIT without a file', { cache: 'HIT', then: '' }, {}, 'stale', /another cache serves it/],
    [
      'a HIT from a cache that nobody configured, however new',
      { cache: 'HIT', then: '', stored: began + 5, zone: '/var/cache/nginx/other' },
      {},
      'stale',
      /\/var\/cache\/nginx\/other, a cache that no layer/,
    ],
    ['a HIT among too many files to find its own', { cache: 'HIT', then: '', zone: '?' }, {}, 'unproven', /so many files/],
    ['STALE without proof', { cache: 'STALE', then: '' }, {}, 'stale', /./],
    ['BYPASS', { cache: 'BYPASS', then: '' }, {}, 'unproven', /cookies/],
    ['no cache header', { cache: '', then: '' }, {}, 'unproven', /add_header/],
    ['a MISS with an Age from before the purge', { age: '60' }, {}, 'stale', /cache in front of nginx/],
    ['a MISS with a Date from before the purge', { date: httpDate(began - 6) }, {}, 'stale', /Date of the answer/],
    [
      'a new HIT with a Date from before the purge',
      { cache: 'HIT', then: '', stored: began, zone, date: httpDate(began - 60) },
      {},
      'stale',
      /Date of the answer/,
    ],
    ['a MISS with a Date that two clocks can explain', { date: httpDate(began - 5) }, {}, 'fresh', /^$/],
    ['a MISS with a Date that is none', { date: '5' }, {}, 'fresh', /^$/],
    [
      'a MISS while old requests still run after the second purge',
      {},
      { inFlight: 1, isLast: true },
      'unproven',
      /also after a second purge/,
    ],
    [
      'an old HIT while old requests still run after the second purge',
      { cache: 'HIT', then: '', stored: began - 1, zone },
      { inFlight: 1, isLast: true },
      'stale',
      /from before the purge/,
    ],
    ['a MISS while old requests run', {}, { inFlight: 1 }, 'stale', /before the purge still ran/],
    [
      'a new HIT while old requests run: they may have written it',
      { cache: 'HIT', then: '', stored: began + 5, zone },
      { inFlight: 2 },
      'stale',
      /2 old nginx workers/,
    ],
    ['an error page', { status: 500 }, {}, 'unproven', /HTTP 500/],
    ['no answer', { status: 0, cache: '', then: '' }, {}, 'unproven', /no answer/],
    ['an instance without an nginx layer', {}, { purgeStartedAt: new Map() }, 'unproven', /no nginx cache/],
  ])('%s', (_name, observation, changes, verdict, cause) => {
    const judged = judgeOrigin(atOrigin(observation), context(changes))
    expect(judged.verdict).toBe(verdict)
    expect(judged.cause).toMatch(cause)
  })

  it('never trusts a HIT without a file of the configured cache from after the purge, whatever else it says', () => {
    const words = fc.constantFrom('HIT', 'STALE', 'UPDATING', 'REVALIDATED')
    fc.assert(
      fc.property(
        words,
        fc.integer({ min: 0, max: began + 1000 }),
        fc.constantFrom('', zone, '/var/cache/nginx/other'),
        fc.string(),
        fc.string(),
        fc.integer({ min: 0, max: 3 }),
        (cache, stored, where, age, date, inFlight) => {
          const { verdict } = judgeOrigin(atOrigin({ cache, then: '', stored, zone: where, age, date }), context({ inFlight }))
          if (verdict === 'fresh') expect([stored >= began, where, inFlight]).toEqual([true, zone, 0])
        },
      ),
    )
  })

  it('tells what it was and what it is', () => {
    expect(judgeOrigin(atOrigin(), context()).evidence).toBe('HIT -> MISS, then HIT')
    expect(judgeOrigin(atOrigin({ cache: '', then: '' }), context({ before: '' })).evidence).toBe('none -> none')
  })
})
