import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startSlack, type LocalSlack } from '../../../local/slack/slack.ts'

let slack: LocalSlack
beforeEach(async () => {
  slack = await startSlack({ port: 0 })
})
afterEach(() => slack.close())

const json = { 'content-type': 'application/json' }
const send = async (body: string, headers: Record<string, string> = json, url = slack.webhookUrl) => {
  const response = await fetch(url, { method: 'POST', headers, body })
  return [response.status, await response.text()] as const
}
const post = (payload: unknown) => send(JSON.stringify(payload))

const mrkdwn = (text: string) => ({ type: 'mrkdwn', text })
const plain = (text: string) => ({ type: 'plain_text', text })
const section = (text: string) => ({ type: 'section', text: mrkdwn(text) })
const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item)

const everyBlock = [
  { type: 'header', text: plain('Cleared') },
  section('*done*'),
  { type: 'section', block_id: 'fields', fields: [mrkdwn('a'), plain('b')] },
  { type: 'divider' },
  { type: 'context', elements: [mrkdwn('a'), { type: 'image', image_url: 'https://example.com/a.png', alt_text: 'a' }] },
  { type: 'plan', title: 'Purge', tasks: [{ type: 'task_card', task_id: '1', title: 'nginx', status: 'complete' }] },
  { type: 'rich_text', elements: [] },
]

test('answers ok to text, to blocks of every kind, and to both', async () => {
  expect(await post({ text: 'hello' })).toEqual([200, 'ok'])
  expect(await post({ blocks: everyBlock })).toEqual([200, 'ok'])
  expect(await post({ text: 'hello', blocks: everyBlock })).toEqual([200, 'ok'])
})

test('accepts a form with the message in payload', async () => {
  const form = new URLSearchParams({ payload: JSON.stringify({ text: 'a & b' }) }).toString()
  expect(await send(form, { 'content-type': 'application/x-www-form-urlencoded' })).toEqual([200, 'ok'])
  expect(slack.messages()[0]?.payload).toEqual({ text: 'a & b' })
})

test.each([
  ['nothing to show', '{}', 'no_text'],
  ['an empty text', '{"text":""}', 'no_text'],
  ['an empty list of blocks', '{"blocks":[]}', 'no_text'],
  ['no JSON', 'hello', 'invalid_payload'],
  ['an empty body', '', 'invalid_payload'],
  ['a list', '[]', 'invalid_payload'],
  ['a text that is a number', '{"text":5}', 'invalid_payload'],
  ['blocks that are no list', '{"text":"a","blocks":{}}', 'invalid_blocks_format'],
])('refuses %s', async (_, body, error) => {
  expect(await send(body)).toEqual([400, error])
})

test('refuses JSON that is called a form', async () => {
  expect(await send('{"text":"a"}', { 'content-type': 'application/x-www-form-urlencoded' })).toEqual([400, 'invalid_payload'])
})

describe('Block Kit limits', () => {
  test.each([
    ['50 blocks', times(50, section('a'))],
    ['a section of 3000 characters', [section('a'.repeat(3000))]],
    ['10 fields of 2000 characters', [{ type: 'section', fields: times(10, mrkdwn('a'.repeat(2000))) }]],
    ['a header of 150 characters', [{ type: 'header', text: plain('a'.repeat(150)) }]],
    ['10 context elements', [{ type: 'context', elements: times(10, mrkdwn('a')) }]],
  ])('accept %s', async (_, blocks) => {
    expect(await post({ blocks })).toEqual([200, 'ok'])
  })

  test.each([
    ['51 blocks', times(51, section('a'))],
    ['a section of 3001 characters', [section('a'.repeat(3001))]],
    ['an empty section text', [section('')]],
    ['a section without text and fields', [{ type: 'section' }]],
    ['11 fields', [{ type: 'section', fields: times(11, mrkdwn('a')) }]],
    ['no fields', [{ type: 'section', fields: [] }]],
    ['a field of 2001 characters', [{ type: 'section', fields: [mrkdwn('a'.repeat(2001))] }]],
    ['a header of 151 characters', [{ type: 'header', text: plain('a'.repeat(151)) }]],
    ['a header in mrkdwn', [{ type: 'header', text: mrkdwn('a') }]],
    ['a header that is a string', [{ type: 'header', text: 'a' }]],
    ['11 context elements', [{ type: 'context', elements: times(11, mrkdwn('a')) }]],
    ['no context elements', [{ type: 'context', elements: [] }]],
    ['an unknown type of block', [{ type: 'paragraph', text: mrkdwn('a') }]],
    ['an unknown type of text', [{ type: 'section', text: { type: 'markdown', text: 'a' } }]],
    ['an unknown key in a block', [{ type: 'divider', text: plain('a') }]],
    ['one block_id twice', times(2, { type: 'divider', block_id: 'same' })],
    ['an unknown task status', [{ type: 'plan', title: 'a', tasks: [{ type: 'task_card', task_id: '1', title: 'a', status: 'done' }] }]],
  ])('refuse %s, even beside a text', async (_, blocks) => {
    expect(await post({ text: 'fallback', blocks })).toEqual([400, 'invalid_blocks'])
  })
})

test('refuses a body beyond 2 MiB', async () => {
  expect(await send(JSON.stringify({ text: 'a'.repeat(2 * 1024 * 1024) }))).toEqual([413, 'payload_too_large'])
})

test('nobody without the secret address may post', async () => {
  expect(slack.webhookUrl).toMatch(/\/services\/T\w+\/B\w+\/\w{24}$/)
  expect(await send('{"text":"a"}', json, `${slack.webhookUrl}x`)).toEqual([404, 'no_service'])
  expect((await fetch(slack.webhookUrl)).status).toBe(405)
  expect(slack.messages()).toEqual([])
})

test('shows everything it got, with what it said to it', async () => {
  await post({ text: 'hello' })
  await post({})
  await send('nonsense')
  expect(slack.messages()).toMatchObject([
    { payload: { text: 'hello' }, accepted: true, status: 200, error: null },
    { payload: {}, accepted: false, status: 400, error: 'no_text' },
    { payload: 'nonsense', accepted: false, status: 400, error: 'invalid_payload' },
  ])
  expect(Math.abs(Date.parse(slack.messages()[0]!.at) - Date.now())).toBeLessThan(10_000)
  expect(await (await fetch(slack.messagesUrl)).json()).toEqual(slack.messages())
})

describe('on demand', () => {
  test('throttles with retry-after, and then takes the message', async () => {
    await fetch(slack.faultUrl, { method: 'POST', body: JSON.stringify({ mode: 'throttle', retryAfter: 1, times: 1 }) })
    const response = await fetch(slack.webhookUrl, { method: 'POST', headers: json, body: '{"text":"a"}' })
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '1'])
    expect(await response.json()).toEqual({ ok: false, error: 'rate_limited', retry_after: 1 })
    expect(await post({ text: 'a' })).toEqual([200, 'ok'])
  })

  test('fails, and rejects with a word of its own', async () => {
    slack.setFault({ mode: 'fail', status: 500, times: 1 })
    expect(await post({ text: 'a' })).toEqual([500, 'rollup_error'])
    slack.setFault({ mode: 'reject', status: 403, code: 'action_prohibited' })
    expect(await post({ text: 'a' })).toEqual([403, 'action_prohibited'])
    expect(slack.messages().map(({ accepted, error }) => [accepted, error])).toEqual([
      [false, 'rollup_error'],
      [false, 'action_prohibited'],
    ])
  })

  test('hangs, and keeps the message as not accepted', async () => {
    slack.setFault({ mode: 'hang' })
    await expect(
      fetch(slack.webhookUrl, { method: 'POST', headers: json, body: '{"text":"a"}', signal: AbortSignal.timeout(150) }),
    ).rejects.toThrow('timeout')
    expect(slack.messages()).toMatchObject([{ payload: { text: 'a' }, accepted: false, status: null }])
  })
})
