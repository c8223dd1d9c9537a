import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkBody } from '../../../edge/cloudflare/bodies.ts'
import { judgeCheck } from '../../../handlers/purge-cloudflare/check.ts'
import { createHandler } from '../../../handlers/purge-cloudflare/handler.ts'
import type { EdgeProgress } from '../../../statemachines/data/edge.ts'
import { type LocalCloudflare, startCloudflare } from '../../../local/cloudflare/cloudflare.ts'
import { anEdgeProgress, recordConsole, rejectionOf, someSecrets } from '../factories.ts'

const zoneId = '0123456789abcdef0123456789abcdef'
const otherZone = 'fedcba9876543210fedcba9876543210'
let cloudflare: LocalCloudflare
let output: ReturnType<typeof recordConsole>
beforeEach(async () => {
  output = recordConsole()
  cloudflare = await startCloudflare({
    port: 0,
    zones: [
      { zoneId, plan: 'free', token: 'good-token' },
      { zoneId: otherZone, plan: 'free', token: 'other-token' },
    ],
  })
})
afterEach(async () => {
  expect(output.text()).not.toMatch(/(good|other)-token/)
  // Whoever asks: nothing is purged, and nothing of the rate limit is spent.
  expect(cloudflare.requests().filter(({ accepted }) => accepted)).toEqual([])
  output.restore()
  await cloudflare.close()
})

const unasked = { outcome: 'unasked' as const, said: '' }
const check = async (
  values: Record<string, string> = { '/acme/cloudflare/portal': 'good-token' },
  changes: Partial<EdgeProgress> = {},
): Promise<EdgeProgress> => {
  const progress = await createHandler({ readSecrets: someSecrets(values), fetch, apiUrl: cloudflare.apiUrl, now: Date.now })(
    anEdgeProgress({ check: unasked, ...changes }),
  )
  expect(JSON.stringify(progress)).not.toMatch(/-token/)
  return progress
}

describe('a dry run of the edge', () => {
  it('asks once, with a request that can purge nothing, and keeps what a purge would send', async () => {
    const before = anEdgeProgress({ check: unasked })
    expect(await check()).toEqual({
      ...before,
      status: 'done',
      check: { outcome: 'allowed', said: expect.stringContaining('HTTP 400: 1014') as string },
    })
    expect(cloudflare.requests()).toMatchObject([{ zoneId, body: checkBody, accepted: false, status: 400 }])
  })

  it('is not one of many turns, however much there is to purge', async () => {
    const pending = Array.from({ length: 200 }, () => ({ hosts: ['portal.example.com'] }))
    expect(await check(undefined, { pending })).toMatchObject({ status: 'done', pending })
    expect(cloudflare.requests()).toHaveLength(1)
  })

  it.each([
    [
      'a token of another zone',
      { '/acme/cloudflare/portal': 'other-token' },
      /HTTP 403: 10000 Authentication error.*\/acme\/cloudflare\/portal/,
    ],
    ['a token that nobody knows', { '/acme/cloudflare/portal': 'no-token' }, /HTTP 401: 10000 Authentication error/],
    ['no parameter', {}, /\/acme\/cloudflare\/portal is missing or empty/],
    ['a parameter with a line break in it', { '/acme/cloudflare/portal': 'good\n-token' }, /does not hold a Cloudflare key/],
  ])('with %s is refused', async (_, values, said) => {
    expect(await check(values)).toMatchObject({
      status: 'done',
      check: { outcome: 'refused', said: expect.stringMatching(said) as string },
    })
  })

  it.each([
    { mode: 'fail', status: 502 },
    { mode: 'throttle', retryAfter: 5 },
    { mode: 'reject', status: 400, code: 971, message: 'slow down' },
  ] as const)('while Cloudflare says %j is unknown', async (fault) => {
    cloudflare.setFault(fault)
    expect(await check()).toMatchObject({ status: 'done', check: { outcome: 'unknown' } })
  })

  it('fails where the secrets cannot be read at all, so that it is tried again', async () => {
    const handler = createHandler({
      readSecrets: () => Promise.reject(new Error('throttled')),
      fetch,
      apiUrl: cloudflare.apiUrl,
      now: Date.now,
    })
    expect((await rejectionOf(handler(anEdgeProgress({ check: unasked })))).message).toBe('throttled')
  })
})

describe('an answer', () => {
  const judged = (status: number, body: unknown) => judgeCheck({ status, retryAfterSeconds: undefined, body }, anEdgeProgress()).outcome
  const errors = (...codes: number[]) => ({ success: false, errors: codes.map((code) => ({ code, message: 'x' })) })

  it.each<[string, number, unknown, string]>([
    ['that finds fault with the purge', 400, errors(1014), 'allowed'],
    ['that finds fault with the headers', 400, errors(6003), 'refused'],
    ['that finds fault with both', 400, errors(1014, 10000), 'refused'],
    ['that says the zone is not there', 404, errors(7003), 'refused'],
    ['that is a page', 403, undefined, 'unknown'],
    ['without a reason', 400, errors(), 'unknown'],
    ['that accepts what it cannot do', 200, { success: true, errors: [] }, 'unknown'],
    ['that is a redirect', 302, undefined, 'unknown'],
  ])('%s (HTTP %i, %j) means that the credentials are %s', (_, status, body, outcome) => {
    expect(judged(status, body)).toBe(outcome)
  })

  it('that never came means that nobody knows', () => {
    expect(judgeCheck(undefined, anEdgeProgress())).toEqual({ outcome: 'unknown', said: 'Cloudflare could not be reached' })
  })
})
