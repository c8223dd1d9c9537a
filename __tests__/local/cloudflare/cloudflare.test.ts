import { afterEach, expect, test } from 'vitest'
import { startCloudflare, type CloudflareOptions, type LocalCloudflare } from '../../../local/cloudflare/cloudflare.ts'

const free = { zoneId: '0'.repeat(32), plan: 'free', token: 'free-token' } as const
const enterprise = { zoneId: 'e'.repeat(32), plan: 'enterprise', token: 'enterprise-token' } as const
const legacy = { zoneId: 'b'.repeat(32), plan: 'business', globalKey: { key: 'global-key', email: 'ops@example.com' } } as const

let cloudflare: LocalCloudflare | undefined
const start = async (options: Partial<CloudflareOptions> = {}): Promise<LocalCloudflare> =>
  (cloudflare = await startCloudflare({ port: 0, zones: [free, enterprise, legacy], now: () => 0, ...options }))
afterEach(async () => {
  await cloudflare?.close()
})

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

const purge = async (body: unknown, { zoneId = free.zoneId, headers = bearer('free-token'), method = 'POST' } = {}) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(`${cloudflare!.apiUrl}/zones/${zoneId}/purge_cache`, {
    method,
    headers,
    ...(method === 'POST' ? { body: text } : {}),
  })
  const answer = (await response.json()) as { success: boolean; errors: { code: number; message: string }[]; result?: unknown }
  return { status: response.status, answer, code: answer.errors[0]?.code, retryAfter: response.headers.get('retry-after') }
}

test.each([
  { purge_everything: true },
  { hosts: ['www.example.com'] },
  { tags: ['news'] },
  { prefixes: ['www.example.com/news', 'www.example.com'] },
  { files: ['https://www.example.com/?a=b', { url: 'https://www.example.com/font.woff', headers: { Origin: 'https://example.com' } }] },
])('accepts %j', async (body) => {
  await start()
  expect(await purge(body)).toMatchObject({ status: 200, answer: { success: true, errors: [], messages: [], result: { id: free.zoneId } } })
})

test.each([
  ['no selector', {}, 1012],
  ['no object', [], 1012],
  ['an empty list', { hosts: [] }, 1012],
  ['two selectors', { hosts: ['www.example.com'], tags: ['news'] }, 1012],
  ['everything beside a list', { purge_everything: true, hosts: ['www.example.com'] }, 1092],
  ['purge_everything that is not true', { purge_everything: 'true' }, 1013],
  ['files that are no list', { files: 'https://www.example.com/' }, 1014],
  ['hosts that are no list', { hosts: { 0: 'www.example.com' } }, 1014],
  ['a file without a scheme', { files: ['www.example.com/a'] }, 1084],
  ['a file object with an unknown key', { files: [{ url: 'https://www.example.com/', header: {} }] }, 1084],
  ['a host with a path', { hosts: ['www.example.com/news'] }, 1115],
  ['a host that is a number', { hosts: [5] }, 1115],
  ['a prefix with a scheme', { prefixes: ['https://www.example.com/news'] }, 1015],
  ['a prefix with a query', { prefixes: ['www.example.com/news?a=b'] }, 1015],
  ['101 hosts', { hosts: Array.from({ length: 101 }, (_, n) => `h${n}.example.com`) }, 1111],
  ['101 files on the free plan', { files: Array.from({ length: 101 }, (_, n) => `https://www.example.com/${n}`) }, 1094],
  ['text that is not JSON', '{"hosts":', 6007],
])('refuses %s', async (_, body, code) => {
  await start()
  expect(await purge(body)).toMatchObject({ status: 400, code, answer: { success: false, messages: [], result: null } })
})

test('an enterprise zone takes 500 files in one request and not 501', async () => {
  await start()
  const files = (count: number) => ({ files: Array.from({ length: count }, (_, n) => `https://www.example.com/${n}`) })
  const there = { zoneId: enterprise.zoneId, headers: bearer('enterprise-token') }
  expect((await purge(files(500), there)).status).toBe(200)
  expect((await purge(files(501), there)).code).toBe(1094)
})

test.each([
  ['no credentials', {}, free.zoneId, 400, 9106],
  ['a key without its e-mail', { 'x-auth-key': 'global-key' }, legacy.zoneId, 400, 9106],
  ['an Authorization header that is no bearer token', { authorization: 'free-token' }, free.zoneId, 400, 6003],
  ['an unknown token', bearer('wrong'), free.zoneId, 401, 10000],
  ['the token of another zone', bearer('enterprise-token'), free.zoneId, 403, 10000],
  ['a token for a zone that nobody has', bearer('free-token'), 'd'.repeat(32), 403, 10000],
  ['a wrong global key', { 'x-auth-key': 'wrong', 'x-auth-email': 'ops@example.com' }, legacy.zoneId, 403, 9103],
  ['the global key with a wrong e-mail', { 'x-auth-key': 'global-key', 'x-auth-email': 'x@example.com' }, legacy.zoneId, 403, 9103],
  ['a zone name in place of its id', bearer('free-token'), 'example.com', 404, 7003],
] as const)('answers %s with its own error', async (_, headers, zoneId, status, code) => {
  await start()
  expect(await purge({ purge_everything: true }, { headers, zoneId })).toMatchObject({ status, code, answer: { success: false } })
})

test('the global key with its e-mail opens its zone', async () => {
  await start()
  const headers = { 'x-auth-key': 'global-key', 'x-auth-email': 'ops@example.com' }
  expect((await purge({ purge_everything: true }, { zoneId: legacy.zoneId, headers })).status).toBe(200)
})

test('only POST purges', async () => {
  await start()
  expect(await purge('', { method: 'GET' })).toMatchObject({ status: 405, code: 7001 })
})

test('the free plan takes 25 requests at once, then one every 12 s, and says when', async () => {
  let now = 0
  await start({ now: () => now })
  for (let n = 0; n < 25; n++) expect((await purge({ hosts: ['www.example.com'] })).status).toBe(200)
  expect(await purge({ purge_everything: true })).toMatchObject({ status: 429, code: 10429, retryAfter: '12' })
  now = 11_000
  expect(await purge({ tags: ['news'] })).toMatchObject({ status: 429, retryAfter: '1' })
  now = 12_000
  expect((await purge({ prefixes: ['www.example.com/news'] })).status).toBe(200)
  expect((await purge({ prefixes: ['www.example.com/news'] })).status).toBe(429)
})

test('URLs are counted by the second, apart from the requests', async () => {
  let now = 0
  await start({ now: () => now })
  const files = Array.from({ length: 100 }, (_, n) => `https://www.example.com/${n}`)
  for (let n = 0; n < 8; n++) expect((await purge({ files })).status).toBe(200)
  expect(await purge({ files: ['https://www.example.com/'] })).toMatchObject({ status: 429, code: 10429, retryAfter: '1' })
  expect((await purge({ hosts: ['www.example.com'] })).status).toBe(200)
  now = 125
  expect((await purge({ files })).status).toBe(200)
})

test('a refused request costs no token', async () => {
  await start()
  for (let n = 0; n < 30; n++) await purge({ hosts: 'www.example.com' })
  expect((await purge({ hosts: ['www.example.com'] })).status).toBe(200)
})

test('keeps every request, with the kind of its credentials and never the secret', async () => {
  const { requests, requestsUrl } = await start({ now: () => Date.UTC(2026, 0, 2) })
  await purge({ hosts: ['www.example.com'] })
  await purge('not JSON', { headers: { 'x-auth-key': 'a-secret-key', 'x-auth-email': 'ops@example.com' }, zoneId: legacy.zoneId })
  await purge({ purge_everything: true }, { headers: bearer('a-secret-token') })
  expect(requests()).toMatchObject([
    {
      at: '2026-01-02T00:00:00.000Z',
      zoneId: free.zoneId,
      auth: 'token',
      body: { hosts: ['www.example.com'] },
      accepted: true,
      status: 200,
      response: { success: true },
    },
    { zoneId: legacy.zoneId, auth: 'global-key', body: 'not JSON', accepted: false, status: 403, response: { errors: [{ code: 9103 }] } },
    { auth: 'token', accepted: false, status: 401, response: { success: false } },
  ])
  const served = await (await fetch(requestsUrl)).text()
  expect(JSON.parse(served)).toEqual(requests())
  expect(served).not.toMatch(/secret|free-token|ops@/)
})

test('any other address is not routed and not kept as a purge', async () => {
  const { apiUrl, requests } = await start()
  const response = await fetch(`${apiUrl}/zones/${free.zoneId}/purge`, { method: 'POST', headers: bearer('free-token'), body: '{}' })
  expect([response.status, requests()]).toEqual([404, []])
})
