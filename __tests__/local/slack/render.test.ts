import { expect, test } from 'vitest'
import { renderMessage } from '../../../local/slack/render.ts'

const plainly = (text: string) => renderMessage({ text })
const inColour = (text: string) => renderMessage({ text }, { colour: true })
const blocks = (list: unknown[], colour = false) => renderMessage({ text: 'fallback', blocks: list }, { colour })
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text })

test.each([
  ['*bold* _it_ ~gone~ text', 'bold it gone text'],
  ['2 * 3 * 4 and snake_case_name', '2 * 3 * 4 and snake_case_name'],
  ['a*b* and file_x_ are no markup', 'a*b* and file_x_ are no markup'],
  ['`a*b*c`', '`a*b*c`'],
  ['before\n```\n*x*\ny\n```\nafter', 'before\n    *x*\n    y\nafter'],
  ['<https://example.com/a_b_c|the log>', 'the log (https://example.com/a_b_c)'],
  ['<https://example.com/?a=1&amp;b=2>', 'https://example.com/?a=1&b=2'],
  ['by <@U1>, in <#C1|ops>, <!here>', 'by @U1, in #ops, @here'],
  ['*<https://example.com|log>*', 'log (https://example.com)'],
  ['a &amp; b &lt;c&gt;', 'a & b <c>'],
  ['&amp;lt;', '&lt;'],
  ['&lt;!channel&gt;', '<!channel>'],
  ['*&lt;b&gt; &amp;amp;*', '<b> &amp;'],
  ['&gt; quoted', '│ quoted'],
  [':white_check_mark: at 12:30:45 :constructor: :unknown:', '✅ at 12:30:45 :constructor: :unknown:'],
])('shows %j without its markup', (source, seen) => {
  expect(plainly(source)).toBe(seen)
})

test.each([
  ['*bold*', '\u001b[1mbold\u001b[22m'],
  ['_it_', '\u001b[3mit\u001b[23m'],
  ['*_both_*', '\u001b[1m\u001b[3mboth\u001b[23m\u001b[22m'],
  ['`code`', '\u001b[36mcode\u001b[39m'],
  ['<@U1>', '\u001b[1m@U1\u001b[22m'],
])('colours %j', (source, seen) => {
  expect(inColour(source)).toBe(seen)
})

test('a header is bold and underlined in colour, and plain text otherwise', () => {
  const header = { type: 'header', text: { type: 'plain_text', text: 'Cleared *all*' } }
  expect(blocks([header], true)).toBe('\u001b[1m\u001b[4mCleared *all*\u001b[24m\u001b[22m')
  expect(blocks([header])).toBe('Cleared *all*')
})

test('a context stays dim after something bold in it', () => {
  expect(blocks([{ type: 'context', elements: [mrkdwn('a *b* c'), mrkdwn('d')] }], true)).toBe(
    '\u001b[2ma \u001b[1mb\u001b[22m\u001b[2m c  d\u001b[22m',
  )
})

test('fields stand in two columns, aligned by visible width', () => {
  const fields = [mrkdwn('*Target*\nTD Portal ✅'), mrkdwn('*By*\n<@U1>'), mrkdwn('*Total*')]
  expect(blocks([{ type: 'section', fields }])).toBe('Target         By\nTD Portal ✅   @U1\nTotal')
  const [bold, end] = ['\u001b[1m', '\u001b[22m']
  expect(blocks([{ type: 'section', fields }], true)).toBe(
    `${bold}Target${end}         ${bold}By${end}\nTD Portal ✅   ${bold}@U1${end}\n${bold}Total${end}`,
  )
})

test('fields too wide for two columns stand one below the other', () => {
  const wide = 'w'.repeat(60)
  expect(blocks([{ type: 'section', text: mrkdwn('above'), fields: [mrkdwn(wide), mrkdwn(wide)] }])).toBe(`above\n${wide}\n${wide}`)
})

test('a divider is a line, a plan lists its tasks, and an unknown block is named', () => {
  const plan = {
    type: 'plan',
    title: 'Purge',
    tasks: [
      { title: 'nginx', status: 'complete' },
      { title: 'edge', status: 'error' },
    ],
  }
  expect(blocks([{ type: 'divider' }, plan, { type: 'video' }, 5])).toBe(
    `${'─'.repeat(80)}\nPurge\n✓ nginx\n✗ edge\n[video]\n[not a block]`,
  )
})

test('with blocks, the text is for notifications only', () => {
  expect(blocks([{ type: 'section', text: mrkdwn('shown') }])).toBe('shown')
})

test('a message cannot steer the terminal', () => {
  const evil = 'a\u001b[2J\u001b]0;title\u0007\u009b31m\rb'
  expect(plainly(evil)).toBe('a[2J]0;title31mb')
  expect(blocks([{ type: 'header', text: { type: 'plain_text', text: evil } }])).toBe('a[2J]0;title31mb')
})

test.each([undefined, null, 'text', 5, [], { text: 5 }, { blocks: 'no' }])('never throws on %j', (payload) => {
  expect(typeof renderMessage(payload, { colour: true })).toBe('string')
})
