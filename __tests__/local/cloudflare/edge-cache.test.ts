import { afterEach, beforeEach, expect, it } from 'vitest'
import { judgeEdge } from '../../../edge/cloudflare/freshness.ts'
import { createRequestPage } from '../../../handlers/probe-edge/request-page.ts'
import { startCloudflare, type LocalCloudflare } from '../../../local/cloudflare/cloudflare.ts'
import { serve, type HttpServer } from '../../../local/server/http.ts'
import { visit } from '../../../local/instance/visitor.ts'

const zoneId = '0123456789abcdef0123456789abcdef'
const otherZoneId = 'fedcba9876543210fedcba9876543210'
let time: number
let published: string
let origin: HttpServer
let cloudflare: LocalCloudflare
beforeEach(async () => {
  time = Date.now()
  published = 'old'
  origin = await serve(0, ({ url }) =>
    Promise.resolve(
      url.pathname === '/cart' ? { status: 200, headers: { 'set-cookie': 'a=b' }, body: published } : { status: 200, body: published },
    ),
  )
  const zones = [zoneId, otherZoneId].map((id) => ({ zoneId: id, plan: 'free' as const, token: 't' }))
  cloudflare = await startCloudflare({
    port: 0,
    zones,
    sites: [{ host: 'www.example.com', zoneId, originUrl: origin.url }],
    now: () => time,
  })
})
afterEach(async () => {
  await cloudflare.close()
  await origin.close()
})

const get = (path = '/') => visit(cloudflare.edgeUrl, `https://www.example.com${path}`)
const purge = async (body: object, zone = zoneId): Promise<boolean> => {
  const response = await fetch(`${cloudflare.apiUrl}/zones/${zone}/purge_cache`, {
    method: 'POST',
    headers: { authorization: 'Bearer t' },
    body: JSON.stringify(body),
  })
  return ((await response.json()) as { success: boolean }).success
}

it('stores what the origin answers and serves it from there, with its age and a data centre', async () => {
  expect((await get()).headers).toMatchObject({ 'cf-cache-status': 'MISS', 'cf-ray': expect.stringMatching(/-LHR$/) as string })
  published = 'new'
  time += 7900
  expect(await get()).toMatchObject({ body: 'old', headers: { 'cf-cache-status': 'HIT', age: '7' } })
})

it.each([
  [{ purge_everything: true }, true],
  [{ hosts: ['www.example.com'] }, true],
  [{ hosts: ['other.example.com'] }, false],
  [{ prefixes: ['www.example.com/news'] }, true],
  [{ prefixes: ['www.example.com/shop'] }, false],
  [{ files: ['https://www.example.com/news/1?a=b'] }, true],
  [{ files: ['https://www.example.com/news/1'] }, false],
])('a purge of %j removes the page: %s', async (body, gone) => {
  await get('/news/1?a=b')
  published = 'new'
  expect(await purge(body)).toBe(true)
  expect((await get('/news/1?a=b')).body).toBe(gone ? 'new' : 'old')
})

it('does not store what the origin makes for one visitor', async () => {
  await get('/cart')
  expect((await get('/cart')).headers).toMatchObject({ 'cf-cache-status': 'DYNAMIC' })
})

it('with the wrong zone id, which the token may purge, accepts the purge and serves the old copy: the probe sees it', async () => {
  await get()
  published = 'new'
  time += 10_000
  const purgedAt = Date.now() + 9000
  expect(await purge({ purge_everything: true }, otherZoneId)).toBe(true)
  expect((await get()).body).toBe('old')
  const answer = await createRequestPage(cloudflare.edgeUrl)('https://www.example.com/')
  expect(judgeEdge({ ...answer, at: purgedAt + 1000, answeredAt: purgedAt + 1000 }, purgedAt)).toMatchObject({
    verdict: 'stale',
    evidence: expect.stringMatching(/^HIT age 10 \(LHR\)$/) as string,
    cause: expect.stringContaining('right zone') as string,
  })
})
