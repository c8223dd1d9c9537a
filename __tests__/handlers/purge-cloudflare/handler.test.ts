// Over real HTTP: a loopback server gives the answers that the test has scripted and keeps what it was sent.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHandler, type Deps } from '../../../handlers/purge-cloudflare/handler.ts'
import type { PurgeBody } from '../../../edge/cloudflare/bodies.ts'
import type { EdgeProgress } from '../../../statemachines/data/edge.ts'
import { type HttpReply, type HttpRequest, type HttpServer, json, never, serve } from '../../../local/server/http.ts'
import { anEdgeProgress, noon, recordConsole, rejectionOf, someSecrets } from '../factories.ts'

const token = 'cf-Token_0123456789~!'
const yes = json(200, { success: true, errors: [], messages: [], result: { id: 'x' } })
const no = (status: number, code: number, message: string, headers: Record<string, string> = {}): HttpReply =>
  json(status, { success: false, errors: [{ code, message }] }, headers)
const hosts = (count: number): PurgeBody[] => Array.from({ length: count }, (_, index) => ({ hosts: [`h${index}.example.com`] }))

let received: HttpRequest[]
let script: (HttpReply | Promise<HttpReply>)[]
let cloudflare: HttpServer
let clock: number
let output: ReturnType<typeof recordConsole>

beforeEach(async () => {
  received = []
  script = []
  clock = noon
  output = recordConsole()
  cloudflare = await serve(0, async (request) => {
    received.push(request)
    return (await script.shift()) ?? yes
  })
})
afterEach(async () => {
  // Whatever happened, the log does not hold the secret.
  expect(output.text()).not.toContain(token)
  output.restore()
  await cloudflare.close()
})

const turn = async (progress: EdgeProgress, deps: Partial<Deps> = {}): Promise<EdgeProgress> => {
  const handler = createHandler({
    readSecrets: someSecrets({ '/acme/cloudflare/portal': token }),
    fetch,
    apiUrl: cloudflare.url,
    now: () => clock,
    ...deps,
  })
  const result = await handler(progress)
  expect(JSON.stringify(result)).not.toContain(token)
  return result
}
const failureOf = async (progress: EdgeProgress, deps: Partial<Deps> = {}): Promise<Error> => {
  const error = await rejectionOf(turn(progress, deps))
  expect(`${error.name} ${error.message} ${error.stack ?? ''}`).not.toContain(token)
  return error
}
const bodies = (): unknown[] => received.map(({ body }) => JSON.parse(body.toString()) as unknown)

describe('one turn', () => {
  it('sends every body, in order, to the zone, with the token', async () => {
    const pending: PurgeBody[] = [
      { purge_everything: true },
      { hosts: ['a.example.com', 'b.example.com'] },
      { prefixes: ['a.example.com/x'] },
      { files: ['https://a.example.com/ü?b=c'] },
    ]
    const progress = await turn(anEdgeProgress({ pending }))
    expect(progress).toMatchObject({
      status: 'done',
      pending: [],
      accepted: ['everything', '2 hosts', 'prefix a.example.com/x', 'URL https://a.example.com/ü?b=c'],
    })
    expect(bodies()).toEqual(pending)
    for (const { method, url, headers } of received) {
      expect([method, url.pathname, headers['authorization'], headers['content-type']]).toEqual([
        'POST',
        '/zones/0123456789abcdef0123456789abcdef/purge_cache',
        `Bearer ${token}`,
        'application/json',
      ])
      expect(headers).not.toHaveProperty('x-auth-key')
    }
  })

  it('sends the global key with its e-mail, and no token header', async () => {
    await turn(anEdgeProgress({ credentials: { kind: 'global-key', parameter: '/acme/key', email: 'ops@example.com' } }), {
      readSecrets: someSecrets({ '/acme/key': token }),
    })
    expect(received[0]?.headers).toMatchObject({ 'x-auth-email': 'ops@example.com', 'x-auth-key': token })
    expect(received[0]?.headers).not.toHaveProperty('authorization')
  })

  it('is done when nothing is left', async () => {
    expect((await turn(anEdgeProgress({ pending: [] }))).status).toBe('done')
    expect(received).toEqual([])
  })

  it.each([
    ['free', 25, 60],
    ['pro', 25, 1],
    ['business', 50, 1],
  ] as const)('on the plan %s sends %i requests, then asks the state machine to wait %i s', async (plan, capacity, waitSeconds) => {
    const progress = await turn(anEdgeProgress({ plan, pending: hosts(capacity + 10) }))
    expect(received).toHaveLength(capacity)
    expect(progress).toMatchObject({ status: 'throttled', waitSeconds, turns: 0, reason: "staying within Cloudflare's rate limit" })
    expect(progress.pending).toHaveLength(10)
  })

  it('ends after 20 s, early enough for its own time-out', async () => {
    const progress = await turn(anEdgeProgress({ plan: 'enterprise', pending: hosts(10) }), {
      fetch: (...request) => {
        clock += 9_000
        return fetch(...request)
      },
    })
    expect(received).toHaveLength(3)
    expect(progress).toMatchObject({ status: 'throttled', waitSeconds: 1, reason: 'the turn is over' })
    expect(progress.pending).toHaveLength(7)
  })
})

describe('over several turns', () => {
  /** As the state machine does it: wait what is asked for, then call again with what came back, as JSON. */
  const untilDone = async (first: EdgeProgress): Promise<EdgeProgress> => {
    let progress = first
    for (let turns = 0; turns < 100; turns += 1) {
      progress = JSON.parse(JSON.stringify(await turn(progress))) as EdgeProgress
      if (progress.status === 'done') return progress
      clock += progress.waitSeconds * 1000
    }
    throw new Error('it never ends')
  }

  it('sends what is left, and nothing twice', async () => {
    const pending = hosts(60)
    script = [...Array.from({ length: 10 }, () => yes), no(429, 971, 'Throttled', { 'retry-after': '7' })]
    const progress = await untilDone(anEdgeProgress({ pending }))
    expect(progress.accepted).toHaveLength(60)
    const sent = bodies()
    // The refused one is sent again, and nothing else is.
    expect(sent).toEqual([...pending.slice(0, 11), ...pending.slice(10)])
  })

  it("stays within the free plan's rate, and purges 200 hosts within an hour", async () => {
    await untilDone(anEdgeProgress({ pending: hosts(200) }))
    expect(received).toHaveLength(200)
    expect(clock - noon).toBeLessThan(3_600_000)
    expect(clock - noon).toBeGreaterThanOrEqual(((200 - 25) / 5) * 60_000)
  })
})

describe('trouble', () => {
  it.each([
    ['in seconds', { 'retry-after': '17' }, 17],
    ['as a date', { 'retry-after': 'Sat, 21 Nov 2026 12:00:30 GMT' }, 30],
    ['as a date that is over', { 'retry-after': 'Sat, 21 Nov 2026 11:00:30 GMT' }, 1],
    ["as the limit's own reset", { ratelimit: '"default";r=0;t=300' }, 300],
    ['as several limits', { ratelimit: '"default";r=0;t=30, "purge"; r=0; t=45' }, 45],
    ["beside the limit's own reset", { 'retry-after': '17', ratelimit: '"default";r=0;t=300' }, 17],
    ['as a limit without a reset', { ratelimit: '"default";r=0' }, 1],
    ['as garbage', { 'retry-after': '-5' }, 1],
    ['as nothing', { 'retry-after': '' }, 1],
    ['not at all', {}, 1],
  ])('with retry-after %s becomes a wait of the state machine', async (_name, headers, waitSeconds) => {
    script = [yes, no(429, 10_429, 'Slow down', headers)]
    const progress = await turn(anEdgeProgress({ pending: hosts(3) }))
    expect(progress).toMatchObject({ status: 'throttled', accepted: ['host h0.example.com'], waitSeconds, turns: 1 })
    expect(progress.pending).toEqual(hosts(3).slice(1))
    expect(received).toHaveLength(2)
  })

  it.each(['601', '86400', '99999999999999999999999'])('with retry-after %s ends the purge', async (seconds) => {
    script = [no(429, 10_429, 'Slow down', { 'retry-after': seconds })]
    expect((await failureOf(anEdgeProgress())).name).toBe('EdgeUnavailable')
  })

  it.each<[string, HttpReply]>([
    ['a 503 in HTML', { status: 503, headers: { 'content-type': 'text/html' }, body: '<h1>down</h1>' }],
    ['a 200 in HTML', { status: 200, body: '<h1>hello</h1>' }],
    ['an empty 200', { status: 200, body: '' }],
    ['a 500 with an error', no(500, 7003, 'oops')],
    ['a redirect, which would take the token along', { status: 307, headers: { location: '/elsewhere' } }],
  ])('like %s keeps what is left for the next turn', async (_name, reply) => {
    script = [reply]
    expect(await turn(anEdgeProgress({ pending: hosts(2) }))).toMatchObject({ status: 'throttled', accepted: [], turns: 1, waitSeconds: 1 })
    expect(received).toHaveLength(1)
  })

  it('like a hanging server is given up after a while', async () => {
    script = [never()]
    const fetchWithShortTimeout: typeof fetch = (url, init) =>
      fetch(url, { ...init, signal: AbortSignal.any([init!.signal!, AbortSignal.timeout(100)]) })
    expect(await turn(anEdgeProgress(), { fetch: fetchWithShortTimeout })).toMatchObject({
      status: 'throttled',
      reason: 'Cloudflare could not be reached',
    })
  })

  it('is given 10 s, also where the body of the answer hangs', async () => {
    const signals: AbortSignal[] = []
    await turn(anEdgeProgress(), {
      fetch: (url, init) => {
        signals.push(init!.signal!)
        return fetch(url, init)
      },
    })
    expect(signals[0]?.aborted).toBe(false)
    const hangingBody: typeof fetch = () =>
      Promise.resolve(
        new Response(
          new ReadableStream({
            start: (controller) => {
              setTimeout(() => {
                controller.error(new DOMException('timed out', 'TimeoutError'))
              }, 20)
            },
          }),
        ),
      )
    expect((await turn(anEdgeProgress(), { fetch: hangingBody })).status).toBe('throttled')
  })

  it('like a closed port is told, and ends after six turns', async () => {
    let progress = anEdgeProgress()
    const deps = { apiUrl: 'http://127.0.0.1:9' }
    for (let count = 0; count < 5; count += 1) progress = await turn(progress, deps)
    expect(output.text()).toContain('Cloudflare could not be reached')
    const error = await failureOf(progress, deps)
    expect([error.name, error.message]).toEqual([
      'EdgeUnavailable',
      'Cloudflare could not be reached, 6 times in a row. Accepted before that: nothing. Not purged: host portal.example.com.',
    ])
  })

  it.each([
    ['a 403', no(403, 9109, 'Unauthorized to access requested resource'), '(HTTP 403: 9109 Unauthorized to access requested resource)'],
    ['a 200 without success', no(200, 1134, 'Unable to purge'), '(HTTP 200: 1134 Unable to purge)'],
  ])("like %s is a refusal with Cloudflare's own words and an account of what was purged", async (_name, reply, said) => {
    script = [yes, reply, reply]
    // The turn that had something accepted ends well, so that it is in the execution's data; the next one asks again and is refused.
    const first = await turn(anEdgeProgress({ pending: hosts(3) }))
    expect(first).toMatchObject({ status: 'throttled', accepted: ['host h0.example.com'], waitSeconds: 1 })
    const error = await failureOf(first)
    expect(error.name).toBe('EdgeRejected')
    expect(error.message).toContain(said)
    expect(error.message).toContain('Accepted before that: host h0.example.com. Not purged: host h1.example.com, host h2.example.com.')
  })
})

describe('the secret', () => {
  it.each(['two words', 'line\nbreak', 'tab\tstop', 'ünicode', '\0', 'x\x7f', 'ключ'])(
    '%j is refused by the name of its parameter, never quoted',
    async (value) => {
      const error = await failureOf(anEdgeProgress(), { readSecrets: someSecrets({ '/acme/cloudflare/portal': value }) })
      expect(error.name).toBe('SecretUnavailable')
      expect(error.message).toContain('/acme/cloudflare/portal')
      expect(`${error.message}${output.text()}`).not.toContain(value)
      expect(received).toEqual([])
    },
  )

  it('that is missing is a failure that names its parameter', async () => {
    const error = await failureOf(anEdgeProgress(), { readSecrets: someSecrets({}) })
    expect([error.name, error.message]).toEqual(['SecretUnavailable', expect.stringContaining('/acme/cloudflare/portal')])
  })

  it('is in no error where the request itself cannot be made', async () => {
    expect((await turn(anEdgeProgress(), { apiUrl: 'not a url' })).status).toBe('throttled')
  })
})

describe('the input', () => {
  it.each([
    undefined,
    null,
    {},
    { ...anEdgeProgress(), turns: 'x' },
    { ...anEdgeProgress(), pending: [{ tags: ['a'] }] },
    { ...anEdgeProgress(), zoneId: '../../accounts' },
  ])('%j is refused', async (event) => {
    expect((await rejectionOf(turn(event as EdgeProgress))).name).toBe('ZodError')
    expect(received).toEqual([])
  })
})
