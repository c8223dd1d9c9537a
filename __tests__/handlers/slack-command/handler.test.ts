import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHandler, type Deps } from '../../../handlers/slack-command/handler.ts'
import { aConfig } from '../../config/a-config.ts'
import { aForm, aSlackEvent, noon, recordConsole, sign, signingSecret, someSecrets, type SlackEventChanges } from '../factories.ts'

const previousSecret = 'ffffffffeeeeeeeeddddddddcccccccc'
const bothSecrets = { '/acme/slack/signing-secret': signingSecret, '/acme/slack/previous-signing-secret': previousSecret }

let output: ReturnType<typeof recordConsole>
beforeEach(() => {
  output = recordConsole()
})
afterEach(() => {
  output.restore()
})

/** Sends one event and says what came back and what was started. */
const send = async (changes: SlackEventChanges = {}, deps: Partial<Deps> = {}) => {
  const started: Parameters<Deps['startExecution']>[0][] = []
  const handler = createHandler({
    config: aConfig(),
    readSecrets: someSecrets(bothSecrets),
    startExecution: (start) => Promise.resolve(void started.push(start)),
    now: () => noon,
    ...deps,
  })
  const { statusCode, body = '', headers } = await handler(aSlackEvent(changes))
  expect([200, 400, 401, 405]).toContain(statusCode)
  // Whatever happened: the log holds no secret, no signature and nothing of the form.
  expect(output.text()).not.toContain(signingSecret)
  expect(output.text()).not.toContain(previousSecret)
  expect(output.text()).not.toMatch(/v0=|[0-9a-f]{64}|hooks\.slack\.com|398738663015/)
  return { statusCode, body, headers, started }
}

const reply = (body: string): { response_type: string; text: string } => JSON.parse(body) as { response_type: string; text: string }

describe('a signed command', () => {
  it.each([true, false])('starts the purge and is answered in the channel (base64: %j)', async (base64) => {
    const { statusCode, body, headers, started } = await send({ base64 })
    expect(statusCode).toBe(200)
    expect(headers).toEqual({ 'content-type': 'application/json' })
    expect(reply(body)).toMatchObject({ response_type: 'in_channel', text: expect.stringContaining('*TD Portal*') as string })
    expect(started).toMatchObject([{ region: 'us-east-1', input: '{"target":"portal","source":"slack","requester":"U2CERLKJA"}' }])
  })

  it('may be signed with the previous secret', async () => {
    expect((await send({ secret: previousSecret })).started).toHaveLength(1)
  })

  it('may have a charset in its content type', async () => {
    expect((await send({ headers: { 'content-type': 'Application/X-WWW-Form-Urlencoded; charset=UTF-8' } })).started).toHaveLength(1)
  })

  it('gets one execution name for both of its deliveries', async () => {
    const names = await Promise.all([send(), send({ timestamp: String(noon / 1000 + 3), headers: { 'x-slack-retry-num': '1' } })])
    expect(new Set(names.map(({ started }) => started[0]?.executionName)).size).toBe(1)
  })

  it.each(['', 'help', 'protal'])('with the text %j is answered to its sender alone, and starts nothing', async (text) => {
    const { statusCode, body, started } = await send({ body: aForm({ text }) })
    expect(statusCode).toBe(200)
    expect(reply(body).response_type).toBe('ephemeral')
    expect(started).toEqual([])
  })

  it('with a + and UTF-8 in its text is decoded as a form', async () => {
    expect(reply((await send({ body: aForm({ text: 'größe + x' }) })).body).text).toContain('"größe + x"')
  })
})

describe('a request that is not a signed command starts nothing:', () => {
  const body = aForm()
  const longForm = aForm({ text: 'x'.repeat(33 * 1024) })

  it.each<[string, SlackEventChanges, number]>([
    ['signed with another secret', { secret: 'somebody else' }, 401],
    ['not signed', { headers: { 'x-slack-signature': undefined } }, 401],
    ['without a timestamp', { headers: { 'x-slack-request-timestamp': undefined } }, 401],
    ['replayed 301 s later', { timestamp: String(noon / 1000 - 301) }, 401],
    ['from 301 s in the future', { timestamp: String(noon / 1000 + 301) }, 401],
    [
      'with a newer timestamp than was signed',
      { headers: { 'x-slack-signature': sign(signingSecret, String(noon / 1000 - 400), body) } },
      401,
    ],
    [
      'with one byte changed',
      { body: body.replace('portal', 'portaL'), headers: { 'x-slack-signature': sign(signingSecret, String(noon / 1000), body) } },
      401,
    ],
    ['truncated', { body: body.slice(0, -1), headers: { 'x-slack-signature': sign(signingSecret, String(noon / 1000), body) } }, 401],
    ['with an empty body', { body: '', headers: { 'x-slack-signature': sign(signingSecret, String(noon / 1000), body) } }, 401],
    ['empty, but signed', { body: '' }, 400],
    ['oversized', { body: longForm }, 400],
    ['oversized in bytes, not in characters', { body: aForm({ text: '' }) + 'ü'.repeat(17 * 1024), base64: false }, 400],
    ['a JSON body', { body: '{"command":"/clear-cache","text":"portal"}', headers: { 'content-type': 'application/json' } }, 400],
    ['a form that calls itself JSON', { headers: { 'content-type': 'application/json' } }, 400],
    ['without a content type', { headers: { 'content-type': undefined } }, 400],
    [
      'of a type that only begins like a form within another',
      { headers: { 'content-type': 'text/plain; x=application/x-www-form-urlencoded' } },
      400,
    ],
    ['not UTF-8', { body: Buffer.concat([Buffer.from(body), Buffer.from('&x=', 'utf8'), Buffer.from([0xff, 0xfe])]) }, 400],
    ['a GET', { method: 'GET' }, 405],
    ['a PUT', { method: 'PUT' }, 405],
    ['a GET with ssl_check', { method: 'GET', body: 'ssl_check=1' }, 405],
    ['without a command', { body: 'text=portal&trigger_id=1&channel_id=C0123456789&user_id=U1' }, 400],
    ['without a trigger', { body: aForm({ trigger_id: '' }) }, 400],
    ['without a channel', { body: aForm({ channel_id: '' }) }, 400],
    ['without a user', { body: aForm({ user_id: '' }) }, 400],
    ['ssl_check=true, unsigned', { body: 'ssl_check=true', headers: { 'x-slack-signature': undefined } }, 401],
    ['ssl_check=11, unsigned', { body: 'ssl_check=11', headers: { 'x-slack-signature': undefined } }, 401],
    ['ssl_check= 1, unsigned', { body: 'ssl_check=+1', headers: { 'x-slack-signature': undefined } }, 401],
    [
      'ssl_check in JSON',
      { body: '{"ssl_check":1}', headers: { 'content-type': 'application/json', 'x-slack-signature': undefined } },
      401,
    ],
  ])('%s', async (_name, changes, status) => {
    const { statusCode, body: answer, started } = await send(changes)
    expect(statusCode).toBe(status)
    expect(started).toEqual([])
    // A caller that is not Slack learns nothing about the reason.
    if (status === 401) expect(answer).toBe('not a request from Slack')
  })

  it.each<[string, SlackEventChanges]>([
    ['not signed', { headers: { 'x-slack-signature': undefined } }],
    ['of no time', { headers: { 'x-slack-request-timestamp': undefined } }],
    ['of a time in words', { timestamp: 'now' }],
    ['old', { timestamp: String(noon / 1000 - 301) }],
    ['of the future', { timestamp: String(noon / 1000 + 301) }],
    ['signed in another way', { headers: { 'x-slack-signature': 'v1=0' } }],
    ['oversized', { body: longForm }],
    ['no POST', { method: 'PUT' }],
  ])('%s, refused before a secret is read', async (_name, changes) => {
    let reads = 0
    const readSecrets: Deps['readSecrets'] = (names) => {
      reads += 1
      return someSecrets(bothSecrets)(names)
    }
    expect((await send(changes, { readSecrets })).started).toEqual([])
    expect(reads).toBe(0)
    await send({ secret: 'somebody else' }, { readSecrets })
    expect(reads).toBe(1)
  })

  it('base64 that is none', async () => {
    const handler = createHandler({
      config: aConfig(),
      readSecrets: someSecrets(bothSecrets),
      startExecution: () => Promise.reject(new Error('started')),
      now: () => noon,
    })
    expect((await handler({ ...aSlackEvent(), body: '%%%', isBase64Encoded: true })).statusCode).toBe(401)
    const event = aSlackEvent()
    delete event.body
    expect((await handler(event)).statusCode).toBe(401)
  })

  it('names the methods that are allowed', async () => {
    expect((await send({ method: 'GET' })).headers).toEqual({ allow: 'POST' })
  })
})

describe("Slack's certificate check", () => {
  it('gets an empty 200 without a signature, and everything else in it is dropped', async () => {
    const readSecrets = () => Promise.reject(new Error('secrets were read'))
    const { statusCode, body, started } = await send(
      { body: `${aForm()}&ssl_check=1`, headers: { 'x-slack-signature': undefined } },
      { readSecrets },
    )
    expect([statusCode, body, started]).toEqual([200, '', []])
  })
})

describe('when AWS does not answer as it should', () => {
  it.each([
    ['fails', () => Promise.reject(new Error('AccessDeniedException'))],
    [
      'is not reached in time',
      (_start: unknown, signal: AbortSignal) =>
        Promise.reject(signal.reason instanceof Error ? signal.reason : new DOMException('The operation was aborted', 'AbortError')),
    ],
  ])('a StartExecution that %s is answered to the sender, without a claim that it started', async (_name, startExecution) => {
    const { statusCode, body } = await send({}, { startExecution })
    expect(statusCode).toBe(200)
    expect(reply(body)).toMatchObject({ response_type: 'ephemeral', text: expect.stringMatching(/^AWS did not confirm/) as string })
    expect(output.text()).toContain('the purge could not be started')
  })

  it.each<[string, Deps['readSecrets']]>([
    ['cannot be read', () => Promise.reject(new Error('ParameterStore is down'))],
    ['are missing', someSecrets({})],
    ['are missing but for the previous one', someSecrets({ '/acme/slack/previous-signing-secret': previousSecret })],
  ])('secrets that %s are answered to the sender, and nothing starts', async (_name, readSecrets) => {
    for (const secret of [signingSecret, previousSecret, '']) {
      const { statusCode, body, started } = await send({ secret }, { readSecrets })
      expect(statusCode).toBe(200)
      expect(reply(body)).toMatchObject({ response_type: 'ephemeral', text: expect.stringMatching(/nothing was started/) as string })
      expect(started).toEqual([])
    }
    expect(output.text()).toContain('the signing secret cannot be read')
  })

  it('a request signed with an empty secret is refused where the previous secret is absent', async () => {
    const { statusCode } = await send({ secret: '' }, { readSecrets: someSecrets({ '/acme/slack/signing-secret': signingSecret }) })
    expect(statusCode).toBe(401)
  })
})

describe('the log', () => {
  it('says why a request was refused and where it came from', async () => {
    await send({ timestamp: String(noon / 1000 - 301) })
    expect(output.text()).toMatch(/refused a request[^]*301 s old[^]*192\.0\.2\.1/)
  })
})
