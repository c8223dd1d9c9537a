import { isValidSlackRequest } from '@slack/bolt'
import { afterEach, expect, test } from 'vitest'
import { serve, type HttpRequest, type HttpServer } from '../../../local/server/http.ts'
import { sign, signedSlashCommand, slashCommandForm } from '../../../local/slack/client.ts'

const signingSecret = '8f742231b10e8888abcd99yyyzzz85a5'
const nowMs = Date.UTC(2026, 5, 1)

const officialBody =
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c'

let server: HttpServer | undefined
afterEach(() => server?.close())

const receive = async (text: string): Promise<{ request: HttpRequest; answer: { status: number; body: string } }> => {
  const requests: HttpRequest[] = []
  server = await serve(0, (request) => {
    requests.push(request)
    return Promise.resolve({ status: 202, body: 'seen' })
  })
  const answer = await signedSlashCommand({
    url: `${server.url}/slack/commands`,
    signingSecret,
    form: slashCommandForm({ text }),
    now: () => nowMs,
  })
  return { request: requests[0]!, answer }
}

const valid = ({ headers, body }: HttpRequest, rawBody = body.toString(), secret = signingSecret): boolean =>
  isValidSlackRequest({
    signingSecret: secret,
    body: rawBody,
    headers: {
      'x-slack-signature': headers['x-slack-signature'] as string,
      'x-slack-request-timestamp': Number(headers['x-slack-request-timestamp']),
    },
    nowMilliseconds: nowMs,
  })

test("signs Slack's own example as Slack does", () => {
  expect(sign(signingSecret, 1531420618, officialBody)).toBe('v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503')
})

test("Slack's own library accepts what is sent, and nothing else", async () => {
  const { request } = await receive('portal & ünïcode +1')
  expect(valid(request)).toBe(true)
  expect(valid(request, `${request.body.toString()}x`)).toBe(false)
  expect(valid(request, request.body.toString(), 'another secret')).toBe(false)
})

test('sends what Slack sends: a POST of a form, from Slackbot, at the given time', async () => {
  const { request, answer } = await receive('portal & ünïcode +1')
  expect(request.method).toBe('POST')
  expect(request.headers).toMatchObject({
    'content-type': 'application/x-www-form-urlencoded',
    'user-agent': expect.stringContaining('Slackbot 1.0') as string,
    'x-slack-request-timestamp': String(nowMs / 1000),
  })
  expect(new URLSearchParams(request.body.toString()).get('text')).toBe('portal & ünïcode +1')
  expect(answer).toEqual({ status: 202, body: 'seen' })
})

test('a form has every field of a slash command, and a trigger of its own each time', () => {
  const fields =
    'api_app_id channel_id channel_name command is_enterprise_install response_url team_domain team_id text token trigger_id user_id user_name'
  expect(Object.keys(slashCommandForm()).sort()).toEqual(fields.split(' '))
  expect(slashCommandForm()['trigger_id']).not.toBe(slashCommandForm()['trigger_id'])
})

test('overrides replace fields and add those that Slack sends only sometimes', () => {
  expect(slashCommandForm({ text: 'portal', enterprise_id: 'E1' })).toMatchObject({
    text: 'portal',
    enterprise_id: 'E1',
    command: '/clear-cache',
  })
})
