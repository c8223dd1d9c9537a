import { afterEach, beforeEach, expect, test } from 'vitest'
import { startCloudflare, type LocalCloudflare } from '../../../local/cloudflare/cloudflare.ts'

const zoneId = 'a'.repeat(32)
let cloudflare: LocalCloudflare
beforeEach(async () => {
  cloudflare = await startCloudflare({ port: 0, zones: [{ zoneId, plan: 'free', token: 'token' }] })
})
afterEach(() => cloudflare.close())

const purge = (signal: AbortSignal | null = null) =>
  fetch(`${cloudflare.apiUrl}/zones/${zoneId}/purge_cache`, {
    method: 'POST',
    headers: { authorization: 'Bearer token' },
    body: '{"purge_everything":true}',
    signal,
  })

const change = (body: unknown) =>
  fetch(cloudflare.faultUrl, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) })
const present = async (): Promise<unknown> => (await fetch(cloudflare.faultUrl)).json()

test('throttles as often as it is told, with retry-after, then is well again', async () => {
  const answer = await change({ mode: 'throttle', retryAfter: 2, times: 2 })
  expect([answer.status, await answer.json()]).toEqual([200, { mode: 'throttle', retryAfter: 2, times: 2 }])
  const throttled = await purge()
  expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '2'])
  expect(await throttled.json()).toMatchObject({ success: false, errors: [{ code: 971 }] })
  expect(await present()).toEqual({ mode: 'throttle', retryAfter: 2, times: 1 })
  expect((await purge()).status).toBe(429)
  expect(await present()).toEqual({ mode: 'ok' })
  expect((await purge()).status).toBe(200)
})

test('fails in plain text, as the edge in front of a broken API does, until it is changed', async () => {
  cloudflare.setFault({ mode: 'fail', status: 503 })
  for (let n = 0; n < 3; n++) {
    const response = await purge()
    expect([response.status, await response.text()]).toEqual([503, 'error code: 503'])
  }
  cloudflare.setFault({ mode: 'ok' })
  expect((await purge()).status).toBe(200)
})

test('rejects with the given code and message', async () => {
  cloudflare.setFault({ mode: 'reject', status: 400, code: 1016, message: 'Unable to purge any urls', times: 1 })
  const response = await purge()
  expect(response.status).toBe(400)
  expect(await response.json()).toEqual({
    success: false,
    errors: [{ code: 1016, message: 'Unable to purge any urls' }],
    messages: [],
    result: null,
  })
})

test('hangs until the client gives up', async () => {
  cloudflare.setFault({ mode: 'hang', times: 1 })
  await expect(purge(AbortSignal.timeout(200))).rejects.toThrow('timeout')
  expect((await purge()).status).toBe(200)
})

test('closes while a request hangs', async () => {
  cloudflare.setFault({ mode: 'hang' })
  const hanging = expect(purge()).rejects.toThrow()
  while (cloudflare.requests().length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  await cloudflare.close()
  await hanging
  cloudflare = await startCloudflare({ port: 0, zones: [] })
})

test('keeps what it mistreated as not accepted', async () => {
  cloudflare.setFault({ mode: 'fail', status: 500, times: 1 })
  await purge()
  cloudflare.setFault({ mode: 'hang', times: 1 })
  await purge(AbortSignal.timeout(100)).catch(() => undefined)
  expect(cloudflare.requests()).toMatchObject([
    { accepted: false, status: 500, response: 'error code: 500', body: { purge_everything: true } },
    { accepted: false, status: null, response: null, body: { purge_everything: true } },
  ])
})

test('a mistreated request takes no token from the bucket', async () => {
  cloudflare.setFault({ mode: 'throttle', retryAfter: 0, times: 30 })
  for (let n = 0; n < 30; n++) await purge()
  expect((await purge()).status).toBe(200)
})

test.each([
  ['an unknown mode', { mode: 'explode' }, /mode/],
  ['a throttle without retryAfter', { mode: 'throttle' }, /retryAfter/],
  ['an unknown key', { mode: 'hang', time: 3 }, /time/],
  ['a success status as a failure', { mode: 'fail', status: 200 }, /status/],
  ['times of zero', { mode: 'hang', times: 0 }, /times/],
  ['a rejection without a code', { mode: 'reject', status: 400 }, /code/],
  ['no JSON', '{"mode":', /not a fault/],
])('refuses %s and says why, and stays as it was', async (_, body, message) => {
  const response = await change(body)
  expect(response.status).toBe(400)
  expect(((await response.json()) as { error: string }).error).toMatch(message)
  expect(await present()).toEqual({ mode: 'ok' })
})

test('refuses a wrong fault from code too', () => {
  expect(() => {
    cloudflare.setFault({ mode: 'fail', status: 20 })
  }).toThrow(/status/)
})
