import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PurgeAnswer } from '../../../edge/cloudflare/answer.ts'
import { admit, settle } from '../../../handlers/purge-cloudflare/core.ts'
import { describeBody, type PurgeBody } from '../../../edge/cloudflare/bodies.ts'
import { EdgeProgress } from '../../../statemachines/data/edge.ts'
import { anEdgeProgress, noon } from '../factories.ts'

const host = (index: number): PurgeBody => ({ hosts: [`h${index}.example.com`] })
const urls = (count: number): PurgeBody => ({ files: Array.from({ length: count }, (_, index) => `https://www.example.com/${index}`) })
const yes: PurgeAnswer = {
  status: 200,
  retryAfterSeconds: undefined,
  body: { success: true, errors: [], messages: [], result: { id: 'x' } },
}
const no = (status: number, code = 10_000, message = 'Authentication error', retryAfterSeconds?: number): PurgeAnswer => ({
  status,
  retryAfterSeconds,
  body: { success: false, errors: [{ code, message }] },
})

const thrownBy = (run: () => unknown): Error => {
  try {
    run()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('it did not throw')
}

type Plan = EdgeProgress['plan']
/** From Cloudflare's table of limits, written down a second time on purpose. */
const limits: Record<Plan, { requests: [perSecond: number, capacity: number]; urls: [perSecond: number, capacity: number] }> = {
  free: { requests: [5 / 60, 25], urls: [800, 800] },
  pro: { requests: [5, 25], urls: [1500, 1500] },
  business: { requests: [10, 50], urls: [1500, 1500] },
  enterprise: { requests: [50, 500], urls: [3000, 3000] },
}

describe('the token bucket', () => {
  it.each(
    (['free', 'pro', 'business', 'enterprise'] as const).flatMap((plan) => [
      { plan, what: 'requests' as const },
      { plan, what: 'urls' as const },
    ]),
  )('of $plan never admits more $what than its capacity and what comes in meanwhile, over any stretch of time', ({ plan, what }) => {
    const [perSecond, capacity] = limits[plan][what]
    const body = what === 'urls' ? urls(30) : host(1)
    const cost = what === 'urls' ? 30 : 1
    // Bursts, trickles and long rests.
    const gap = fc.oneof(
      { weight: 20, arbitrary: fc.integer({ min: 0, max: 5 }) },
      { weight: 3, arbitrary: fc.integer({ min: 0, max: 2000 }) },
      fc.integer({ min: 0, max: 600_000 }),
    )
    fc.assert(
      fc.property(fc.array(gap, { minLength: 100, maxLength: 400, size: 'max' }), (gaps) => {
        let progress = anEdgeProgress({ plan, pending: gaps.map(() => body) })
        let now = noon
        // Cloudflare's side: what it has taken and not yet forgotten.
        let level = 0
        for (const milliseconds of gaps) {
          now += milliseconds
          level = Math.max(0, level - (milliseconds / 1000) * perSecond)
          const admitted = admit(progress, body, now)
          progress = admitted.progress
          if (admitted.waitSeconds > 0) continue
          progress = settle(progress, body, yes)
          level += cost
          expect(level).toBeLessThanOrEqual(capacity + 1e-6)
        }
      }),
      { numRuns: 50 },
    )
  })

  it.each(['free', 'pro', 'business', 'enterprise'] as const)(
    'of %s admits its whole capacity at once, then makes us wait long enough for one more',
    (plan) => {
      const [, capacity] = limits[plan].requests
      let progress = anEdgeProgress({ plan, pending: Array.from({ length: capacity + 1 }, () => host(1)) })
      for (let index = 0; index < capacity; index += 1) {
        const admitted = admit(progress, host(1), noon)
        expect(admitted.waitSeconds).toBe(0)
        progress = settle(admitted.progress, host(1), yes)
      }
      const { waitSeconds, progress: empty } = admit(progress, host(1), noon)
      expect(waitSeconds).toBeGreaterThan(0)
      expect(waitSeconds).toBeLessThanOrEqual(60)
      expect(admit(empty, host(1), noon + waitSeconds * 1000).waitSeconds).toBe(0)
    },
  )

  it('survives a clock that goes back', () => {
    const progress = anEdgeProgress({ bucket: { tokens: 0, at: noon } })
    expect(admit(progress, host(1), noon - 60_000).progress.bucket.tokens).toBe(0)
  })

  it('lets the largest batch of each plan through', () => {
    expect(admit(anEdgeProgress({ plan: 'free' }), urls(100), noon).waitSeconds).toBe(0)
    expect(admit(anEdgeProgress({ plan: 'enterprise' }), urls(500), noon).waitSeconds).toBe(0)
  })

  it('never waits a fraction of a second, nor more than a minute', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Plan>('free', 'pro', 'business', 'enterprise'),
        fc.double({ min: 0, max: 25, noNaN: true }),
        fc.boolean(),
        (plan, tokens, files) => {
          const { waitSeconds, progress } = admit(anEdgeProgress({ plan, bucket: { tokens, at: noon } }), files ? urls(100) : host(1), noon)
          expect(Number.isInteger(waitSeconds) && waitSeconds >= 0 && waitSeconds <= 60).toBe(true)
          expect(() => EdgeProgress.parse(progress)).not.toThrow()
        },
      ),
    )
  })
})

describe('an answer of Cloudflare', () => {
  const [first, second] = [host(1), host(2)]
  const progress = anEdgeProgress({
    pending: [first, second],
    bucket: { tokens: 5, at: noon },
    turns: 3,
    waitedSeconds: 7,
    waitSeconds: 4,
    reason: 'x',
  })

  it('that accepts moves the request from what is left to what is done, and forgets earlier trouble', () => {
    expect(settle(progress, first, yes)).toEqual({
      ...progress,
      pending: [second],
      accepted: ['host h1.example.com'],
      bucket: { tokens: 4, at: noon },
      status: 'pending',
      turns: 0,
      waitedSeconds: 0,
      waitSeconds: 0,
      reason: null,
    })
    expect(settle({ ...progress, pending: [second] }, second, yes).status).toBe('done')
  })

  it.each([
    ['429', no(429, 971, 'Throttled'), 8, 'is throttling us (HTTP 429: 971 Throttled)'],
    ['429 with retry-after', no(429, 10_429, 'Slow down', 17), 17, 'is throttling us (HTTP 429: 10429 Slow down)'],
    ['429 with retry-after 0', no(429, 10_429, 'Slow down', 0), 1, 'is throttling us'],
    ['the throttle code with another status', no(400, 971, 'Throttled'), 8, 'is throttling us (HTTP 400: 971 Throttled)'],
    [
      '429 without JSON',
      { status: 429, retryAfterSeconds: undefined, body: undefined },
      8,
      'is throttling us (HTTP 429: no error message)',
    ],
    ['500', no(500), 8, 'is failing (HTTP 500: 10000 Authentication error)'],
    ['408', no(408), 8, 'is failing'],
    ['409', no(409), 8, 'is failing'],
    ['a 200 that is no JSON', { status: 200, retryAfterSeconds: undefined, body: undefined }, 8, 'is failing (HTTP 200: no error message)'],
    ['a 200 of another shape', { status: 200, retryAfterSeconds: undefined, body: { ok: true } }, 8, 'is failing'],
    ['a success that is a string', { status: 200, retryAfterSeconds: undefined, body: { success: 'true' } }, 8, 'is failing'],
    ['a success with status 500', { ...yes, status: 500 }, 8, 'is failing'],
    ['no answer', undefined, 8, 'could not be reached'],
  ])('like %s keeps the request and asks for a wait', (_name, answer, waitSeconds, reason) => {
    const paused = settle(progress, first, answer)
    expect(paused).toMatchObject({
      status: 'throttled',
      pending: [first, second],
      accepted: [],
      turns: 4,
      waitSeconds,
      reason: expect.stringContaining(reason) as string,
    })
    expect(() => EdgeProgress.parse(paused)).not.toThrow()
  })

  it.each([null, undefined, 'none', [{ code: '7', message: null }]])('that accepts with the errors %j has accepted', (errors) => {
    const answer = { status: 200, retryAfterSeconds: undefined, body: { success: true, errors, messages: null, result: { id: 'x' } } }
    expect(settle(progress, first, answer).accepted).toEqual(['host h1.example.com'])
  })

  it.each([
    ['403', no(403, 9109, 'Unauthorized'), 'HTTP 403: 9109 Unauthorized'],
    ['401', no(401), 'HTTP 401: 10000 Authentication error'],
    ['403 without JSON', { status: 403, retryAfterSeconds: undefined, body: undefined }, 'HTTP 403: no error message'],
    ['400', no(400, 1014, 'hosts must be an array'), 'HTTP 400: 1014 hosts must be an array'],
    ['success: false with 200', no(200, 1134, 'Not allowed'), 'HTTP 200: 1134 Not allowed'],
    [
      'success: false without errors',
      { status: 200, retryAfterSeconds: undefined, body: { success: false } },
      'HTTP 200: no error message',
    ],
    [
      'two errors',
      {
        status: 400,
        retryAfterSeconds: undefined,
        body: {
          success: false,
          errors: [
            { code: 1, message: 'a' },
            { code: 2, message: 'b' },
          ],
        },
      },
      'HTTP 400: 1 a; 2 b',
    ],
  ])('like %s is a refusal that says why, what was and what was not purged', (name, answer, said) => {
    const advice = ['401', '403', '403 without JSON'].includes(name)
      ? ' Check that the credentials in /acme/cloudflare/portal may purge this zone.'
      : ''
    const error = thrownBy(() => settle({ ...progress, accepted: ['everything else'] }, first, answer))
    expect(error.name).toBe('EdgeRejected')
    expect(error.message).toBe(
      `Cloudflare refused to purge host h1.example.com in zone ${progress.zoneId} (${said}). Accepted before that: everything else. ` +
        `Not purged: host h1.example.com, host h2.example.com.${advice}`,
    )
  })

  it('that never comes ends after six turns in a row, doubling the wait in between', () => {
    let now = anEdgeProgress({ pending: [first] })
    const waits: number[] = []
    for (let turn = 0; turn < 5; turn += 1) {
      now = settle(now, first, undefined)
      waits.push(now.waitSeconds)
    }
    expect(waits).toEqual([1, 2, 4, 8, 16])
    const error = thrownBy(() => settle(now, first, undefined))
    expect(error.name).toBe('EdgeUnavailable')
    expect(error.message).toBe(
      'Cloudflare could not be reached, 6 times in a row. Accepted before that: nothing. Not purged: host h1.example.com.',
    )
  })

  it('that asks for more than ten minutes ends the purge at once', () => {
    expect(settle(progress, first, no(429, 971, 'Throttled', 600)).waitSeconds).toBe(600)
    const error = thrownBy(() => settle(progress, first, no(429, 971, 'Throttled', 601)))
    expect(error.name).toBe('EdgeUnavailable')
    expect(error.message).toMatch(/is throttling us \(HTTP 429: 971 Throttled\) and asks to wait 601 s\. .*Not purged: host h1/)
  })

  it('after a throttle admits the one retry that was asked for, and no more', () => {
    const paused = settle({ ...progress, bucket: { tokens: 20, at: noon } }, first, no(429, 971, 'Throttled', 1))
    const retry = admit(paused, first, noon + 1000)
    expect(retry.waitSeconds).toBe(0)
    expect(admit(settle(retry.progress, first, yes), second, noon + 1000).waitSeconds).toBeGreaterThan(0)
  })

  it('is told in bounded words, however much is left', () => {
    const pending = Array.from({ length: 200 }, (_, index) => host(index))
    expect(
      thrownBy(() => settle({ ...progress, pending, accepted: pending.map(describeBody) }, pending[0]!, no(403))).message.length,
    ).toBeLessThan(2000)
  })
})

describe('the words for a request', () => {
  it.each<[PurgeBody, string]>([
    [{ purge_everything: true }, 'everything'],
    [{ hosts: ['a.example.com'] }, 'host a.example.com'],
    [{ hosts: ['a.example.com', 'b.example.com'] }, '2 hosts'],
    [{ prefixes: ['a.example.com/x', 'a.example.com/y'] }, '2 prefixes'],
    [{ files: ['https://a.example.com/1'] }, 'URL https://a.example.com/1'],
    [urls(30), '30 URLs'],
  ])('%j are "%s"', (body, words) => {
    expect(describeBody(body)).toBe(words)
  })
})
