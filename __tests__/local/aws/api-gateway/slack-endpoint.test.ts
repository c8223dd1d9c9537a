import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { afterEach, expect, test } from 'vitest'
import { signedSlashCommand, slashCommandForm } from '../../../../local/slack/client.ts'
import { startSlackEndpoint, type SlackEndpoint, type SlackEndpointOptions } from '../../../../local/aws/api-gateway/slack-endpoint.ts'

let endpoint: SlackEndpoint
afterEach(() => endpoint.close())

const returning = async (result: unknown, options: Partial<SlackEndpointOptions> = {}): Promise<APIGatewayProxyEventV2[]> => {
  const events: APIGatewayProxyEventV2[] = []
  const invoke = (event: APIGatewayProxyEventV2): Promise<unknown> => {
    events.push(event)
    return Promise.resolve(result)
  }
  endpoint = await startSlackEndpoint({ port: 0, invoke, ...options })
  return events
}

const post = async (body: string | Uint8Array<ArrayBuffer> = 'a=b', headers: Record<string, string> = {}, query = '') => {
  const response = await fetch(endpoint.slackUrl + query, { method: 'POST', body, headers })
  return { status: response.status, text: await response.text(), type: response.headers.get('content-type'), headers: response.headers }
}

test('a slash command arrives as API Gateway delivers it, its raw bytes in base64', async () => {
  const [now, form] = [Date.UTC(2020, 2, 12, 19, 3, 58), slashCommandForm({ text: 'portal' })]
  const events = await returning({ statusCode: 200 }, { now: () => now })
  await signedSlashCommand({ url: endpoint.slackUrl, signingSecret: 'secret', form })
  const event = events[0]!
  expect(event).toMatchObject({
    version: '2.0',
    routeKey: 'POST /slack/commands',
    rawPath: '/slack/commands',
    rawQueryString: '',
    isBase64Encoded: true,
    requestContext: {
      http: {
        method: 'POST',
        path: '/slack/commands',
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: 'Slackbot 1.0 (+https://api.slack.com/robots)',
      },
      routeKey: 'POST /slack/commands',
      stage: '$default',
      time: '12/Mar/2020:19:03:58 +0000',
      timeEpoch: now,
    },
  })
  expect(event.requestContext.requestId).not.toBe('')
  expect(event.headers['x-slack-signature']).toMatch(/^v0=/)
  expect(event).not.toHaveProperty('cookies')
  expect(Buffer.from(event.body!, 'base64').toString()).toBe(new URLSearchParams(form).toString())
})

test('bytes that are not UTF-8 arrive unharmed', async () => {
  const events = await returning({ statusCode: 200 })
  const bytes = Buffer.from([0xff, 0x00, 0x80, 0x41])
  await post(bytes, { 'content-type': 'application/x-www-form-urlencoded' })
  expect(Buffer.from(events[0]!.body!, 'base64')).toEqual(bytes)
})

test('header names arrive in lower case, cookies and the query apart, and JSON as text', async () => {
  const events = await returning({ statusCode: 200 })
  await post('{"ü":1}', { 'Content-Type': 'application/json', 'X-Slack-Retry-Num': '1', Cookie: 'a=1; b=2' }, '?x=1&x=2&y=%20')
  const event = events[0]!
  expect(event).toMatchObject({
    cookies: ['a=1', 'b=2'],
    rawQueryString: 'x=1&x=2&y=%20',
    queryStringParameters: { x: '1,2', y: ' ' },
    body: '{"ü":1}',
    isBase64Encoded: false,
  })
  expect(event.headers).toMatchObject({ 'content-type': 'application/json', 'x-slack-retry-num': '1' })
  expect(event.headers).not.toHaveProperty('cookie')
})

test('a request without a body has no body in its event', async () => {
  const events = await returning({ statusCode: 200 })
  await post('')
  expect(events[0]).toMatchObject({ isBase64Encoded: false })
  expect(events[0]).not.toHaveProperty('body')
})

test('a structured result becomes the answer', async () => {
  await returning({ statusCode: 401, headers: { 'Content-Type': 'application/json', 'x-count': 5 }, body: '{"a":1}' })
  const answer = await post()
  expect(answer).toMatchObject({ status: 401, text: '{"a":1}', type: 'application/json' })
  expect(answer.headers.get('x-count')).toBe('5')
  expect(answer.headers.get('apigw-requestid')).not.toBeNull()
})

test.each([
  [
    'a base64 body',
    { statusCode: 200, body: Buffer.from('grüße').toString('base64'), isBase64Encoded: true },
    200,
    'grüße',
    'text/plain;charset=utf-8',
  ],
  ['a status alone', { statusCode: 200 }, 200, '', 'text/plain;charset=utf-8'],
  ['a status in a string', { statusCode: '204' }, 204, '', 'text/plain;charset=utf-8'],
  ['a bare object', { text: 'hi' }, 200, '{"text":"hi"}', 'application/json'],
  ['a bare string', 'hi', 200, 'hi', 'application/json'],
  ['nothing', undefined, 200, 'null', 'application/json'],
  ['a status that is none', { statusCode: 'fine' }, 500, '{"message":"Internal Server Error"}', 'application/json'],
  ['a body that is an object', { statusCode: 200, body: { text: 'hi' } }, 500, '{"message":"Internal Server Error"}', 'application/json'],
])('%s from the function is answered as API Gateway does', async (_, result, status, text, type) => {
  await returning(result)
  expect(await post()).toMatchObject({ status, text, type })
})

test('a function error is a 500 that says nothing of its cause', async () => {
  await returning(undefined, { invoke: () => Promise.reject(new Error('secret detail')) })
  expect(await post()).toMatchObject({ status: 500, text: '{"message":"Internal Server Error"}' })
})

test('a function that throws before its first await is a 500 too', async () => {
  await returning(undefined, {
    invoke: () => {
      throw new Error('at once')
    },
  })
  expect(await post()).toMatchObject({ status: 500 })
})

test('a function that takes too long is a 503', async () => {
  await returning(undefined, { timeoutMs: 50, invoke: () => new Promise(() => undefined) })
  expect(await post()).toMatchObject({ status: 503, text: '{"message":"Service Unavailable"}' })
})

test('only POST /slack/commands is routed', async () => {
  const events = await returning({ statusCode: 200 })
  const origin = new URL(endpoint.slackUrl).origin
  for (const [method, path] of [
    ['GET', '/slack/commands'],
    ['POST', '/slack/commands/'],
    ['POST', '/'],
    ['POST', '/slack/Commands'],
  ] as const) {
    const response = await fetch(origin + path, { method })
    expect([response.status, await response.text()]).toEqual([404, '{"message":"Not Found"}'])
  }
  expect(events).toEqual([])
})

test('a body of 10 MiB passes, one byte more is a 413', async () => {
  const events = await returning({ statusCode: 200 })
  const limit = 10 * 1024 * 1024
  expect((await post(Buffer.alloc(limit))).status).toBe(200)
  expect((await post(Buffer.alloc(limit + 1))).status).toBe(413)
  expect(events).toHaveLength(1)
})

test('10 at once pass, the next is a 429, and 5 a second come back', async () => {
  let now = 0
  const events = await returning({ statusCode: 200 }, { throttle: { rate: 5, burst: 10 }, now: () => now })
  for (let n = 0; n < 10; n++) expect((await post()).status).toBe(200)
  expect(await post()).toMatchObject({ status: 429, text: '{"message":"Too Many Requests"}' })
  now = 400
  expect([(await post()).status, (await post()).status, (await post()).status]).toEqual([200, 200, 429])
  expect(events).toHaveLength(12)
})

test('the throttle is configurable', async () => {
  await returning({ statusCode: 200 }, { throttle: { rate: 1, burst: 1 }, now: () => 0 })
  expect([(await post()).status, (await post()).status]).toEqual([200, 429])
})

test('20 unsigned requests a second keep nobody out', async () => {
  let now = 0
  await returning({ statusCode: 401 }, { now: () => now })
  const people: number[] = []
  for (; people.length < 6; now += 1000) {
    for (let n = 0; n < 20; n++) await post()
    people.push((await post()).status)
  }
  expect(people).toEqual([401, 401, 401, 401, 401, 401])
})
