import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dataCentre, type EdgeAnswer, judgeEdge } from '../../../edge/cloudflare/freshness.ts'

const purgedAt = 1_800_000_000_000
interface Seen {
  readonly status: number
  readonly cacheStatus: string | undefined
  readonly age: string
  readonly location: string
  readonly at: number
  readonly answeredAt: number
}
const atEdge = ({ status = 200, at = purgedAt + 5000, answeredAt = at, ...seen }: Partial<Seen> = {}): EdgeAnswer => {
  const { cacheStatus, age, location } = { cacheStatus: 'MISS', age: undefined, location: undefined, ...seen }
  return {
    status,
    headers: {
      'cf-ray': '8c1f0a2b3c4d5e6f-FRA',
      ...(cacheStatus === undefined ? {} : { 'cf-cache-status': cacheStatus }),
      ...(age === undefined ? {} : { age }),
      ...(location === undefined ? {} : { location }),
    },
    at,
    answeredAt,
  }
}
const verdictOf = (changes: Partial<Seen>) => {
  const judged = judgeEdge(atEdge(changes), purgedAt)
  return judged === 'unclear' ? judged : judged.verdict
}

describe('the edge', () => {
  it.each<[string, Partial<Seen>, string]>([
    ['a MISS', {}, 'fresh'],
    ['EXPIRED, which an upper tier may have answered', { cacheStatus: 'EXPIRED' }, 'unproven'],
    ['a MISS that redirects', { status: 301, location: 'https://www.example.com/' }, 'unproven'],
    ['a HIT that is surely younger than the purge', { cacheStatus: 'HIT', age: '4' }, 'fresh'],
    ['a HIT of just the second of the purge', { cacheStatus: 'HIT', age: '4', at: purgedAt + 4500 }, 'unclear'],
    ['a HIT as old as the purge', { cacheStatus: 'HIT', age: '5' }, 'stale'],
    ['a HIT of an hour', { cacheStatus: 'HIT', age: '3600' }, 'stale'],
    ['a HIT without an Age', { cacheStatus: 'HIT' }, 'unclear'],
    ['a HIT with nonsense for an Age', { cacheStatus: 'HIT', age: '-1' }, 'unclear'],
    ['DYNAMIC', { cacheStatus: 'DYNAMIC' }, 'unproven'],
    ['BYPASS', { cacheStatus: 'BYPASS' }, 'unproven'],
    ['no header', { cacheStatus: undefined }, 'unproven'],
    ['REVALIDATED', { cacheStatus: 'REVALIDATED' }, 'unproven'],
    ['a MISS with HTTP 502', { status: 502 }, 'unproven'],
    ['no answer', { status: 0, cacheStatus: undefined }, 'unproven'],
  ])('%s', (_name, changes, verdict) => {
    expect(verdictOf(changes)).toBe(verdict)
  })

  it('is never called fresh for a copy stored before the purge, nor stale for one stored after it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -100_000, max: 100_000 }),
        fc.integer({ min: 0, max: 100_000 }),
        fc.nat(5000),
        fc.nat(5000),
        (storedAfter, waited, there, back) => {
          const at = purgedAt + Math.max(0, storedAfter) + waited
          const counted = at + there
          const verdict = verdictOf({
            cacheStatus: 'HIT',
            at,
            answeredAt: counted + back,
            age: String(Math.floor((counted - purgedAt - storedAfter) / 1000)),
          })
          expect(verdict).not.toBe(storedAfter < 0 ? 'fresh' : 'stale')
        },
      ),
    )
  })

  it('names the data centre that answered', () => {
    expect(judgeEdge(atEdge(), purgedAt)).toMatchObject({ evidence: 'MISS (FRA)' })
    expect(dataCentre(undefined)).toBe('unknown data centre')
  })
})
