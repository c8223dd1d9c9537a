import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Findings } from '../../../handlers/notify-slack/core.ts'
import { renderMessage } from '../../../handlers/notify-slack/message.ts'
import { executionLink } from '../../../handlers/notify-slack/words.ts'
import { Blocks } from '../../../local/slack/blocks.ts'

type Layer = Findings['layers'][number]

const aLayer = (changes: Partial<Layer> = {}): Layer => ({
  id: 'nginx-fastcgi',
  label: 'FastCGI',
  outcome: 'purged',
  verdict: 'unproven',
  seconds: 1,
  freedBytes: 1,
  files: 1,
  instances: 1,
  details: ['done'],
  ...changes,
})

const someFindings = (changes: Partial<Findings> = {}): Findings => ({
  verdict: 'failed',
  target: { id: 'portal', label: 'TD Portal' },
  source: 'slack',
  requester: 'U2CERLKJA',
  layers: [aLayer()],
  edge: { outcome: 'accepted', accepted: ['everything'] },
  notes: [],
  proof: null,
  complete: true,
  failure: null,
  seconds: 1,
  executionArn: 'arn:aws:states:us-east-1:123456789012:execution:purgeflow:x',
  ...changes,
})

interface Block {
  readonly type: string
  readonly text?: { readonly text: string }
  readonly elements?: readonly { readonly text: string }[]
}

const blocksOf = (findings: Findings): Block[] => {
  const { payload } = renderMessage(findings)
  expect(Blocks.safeParse(payload.blocks).error).toBeUndefined()
  expect(payload.text.length).toBeLessThanOrEqual(3000)
  return payload.blocks as Block[]
}
/** All mrkdwn of a message: what Slack interprets. The header is plain text. */
const mrkdwnOf = (findings: Findings): string =>
  blocksOf(findings)
    .filter(({ type }) => type !== 'header')
    .flatMap(({ text, elements = [] }) => [text?.text ?? '', ...elements.map((element) => element.text)])
    .join('\n')

const nasty = '<!channel> & <@U1> <https://evil.example|click>'

describe('words of others', () => {
  it.each<[string, Partial<Findings>]>([
    ["a target's label", { target: { id: 'x', label: nasty }, failure: 'x' }],
    ["a layer's label", { layers: [aLayer({ label: nasty })] }],
    ["a script's detail", { layers: [aLayer({ details: [nasty] })] }],
    ['a reason', { failure: nasty }],
    ['a requester', { requester: nasty }],
    ['an URL at the edge', { edge: { outcome: 'accepted', accepted: [nasty] } }],
  ])('as %s mention nobody and link nowhere', (_name, changes) => {
    const { payload } = renderMessage(someFindings(changes))
    const markup = (text: string): string[] => text.match(/<[^>]*>/g) ?? []
    const link = executionLink(someFindings().executionArn)!
    for (const found of markup(mrkdwnOf(someFindings(changes)))) expect(['<@U2CERLKJA>', `<${link}|execution>`]).toContain(found)
    expect(markup(payload.text)).toEqual([])
  })

  it('cannot end the code block that holds the reason', () => {
    const section = blocksOf(someFindings({ failure: 'a ``` b ```` c `````` <!here>' })).find(({ text }) => text?.text.startsWith('```'))
    expect(section?.text?.text.slice(3, -3)).not.toContain('```')
    expect(section?.text?.text.endsWith('```')).toBe(true)
  })
})

describe('a requester', () => {
  it.each([
    ['U2CERLKJA', '<@U2CERLKJA>'],
    ['W012A3CDE', '<@W012A3CDE>'],
    ['ann', 'Asked by ann from Slack'],
    ['<@U2CERLKJA>', 'Asked by &lt;@U2CERLKJA&gt; from Slack'],
  ])('%s is written as %s', (requester, expected) => {
    expect(mrkdwnOf(someFindings({ requester }))).toContain(expected)
  })

  it('is mentioned in the blocks only: a fallback text cannot hold markup and words alike', () => {
    expect(renderMessage(someFindings()).payload.text).not.toContain('<@')
  })
})

describe('the largest message', () => {
  const details = Array.from({ length: 50 }, (_, index) => `Instance ${index}: ${'&'.repeat(200)}`)
  const labels = Array.from({ length: 8 }, (_, index) => `Layer ${index} & ${'<'.repeat(60)}`)
  const largest = someFindings({
    target: { id: 'x', label: '&'.repeat(60) },
    requester: '<'.repeat(100),
    layers: labels.map((label, index) => aLayer({ label, instances: 50, details, outcome: index === 7 ? 'failed' : 'purged' })),
    edge: { outcome: 'untouched', accepted: [] },
    failure: '<`&'.repeat(10_000),
  })

  it('fits in the limits of Block Kit', () => {
    expect(blocksOf(largest).length).toBeLessThanOrEqual(50)
  })

  it('still names every layer with its outcome, and the edge', () => {
    const [, body] = blocksOf(largest)
    const lines = body?.text?.text.split('\n') ?? []
    expect(lines.map((line) => line.slice(0, line.indexOf('&')))).toEqual([
      ...labels.map((_, index) => `${index === 7 ? '❌' : '✅'} *Layer ${index} `),
      expect.any(String),
    ])
    expect(lines[7]).toMatch(/: failed$/)
    expect(lines[8]).toBe('⚪ *Cloudflare*: not touched')
  })

  it('fits for any words', () => {
    const text = fc.string({ unit: fc.constantFrom('&', '<', '`', 'a', '😀', '\n'), maxLength: 5000, size: 'max' })
    fc.assert(
      fc.property(text, text, fc.array(text, { maxLength: 8 }), fc.option(text), (label, requester, labels_, failure) => {
        blocksOf(
          someFindings({
            target: { id: 'x', label: `x${label}` },
            requester,
            layers: labels_.map((each) => aLayer({ label: each, details: [each] })),
            failure,
          }),
        )
      }),
      { numRuns: 50 },
    )
  })
})

describe('numbers', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1_499_999, '1.5 MB'],
    [5e9, '5.0 GB'],
    [7e15, '7000.0 TB'],
  ])('%i bytes are %s', (freedBytes, expected) => {
    const freed = /freed (.*?) in/.exec(renderMessage(someFindings({ layers: [aLayer({ freedBytes })] })).summary)?.[1]
    expect(freed).toBe(expected)
  })

  it.each([
    [0, '0.0 s'],
    [59.94, '59.9 s'],
    [60, '1 min 0 s'],
    [119.7, '2 min 0 s'],
    [3600, '60 min 0 s'],
  ])('%d seconds are %s', (seconds, expected) => {
    expect(renderMessage(someFindings({ seconds })).summary).toContain(` · ${expected} · `)
  })
})

describe('the link', () => {
  it('opens the execution in the console of its region', () => {
    expect(executionLink('arn:aws:states:eu-west-1:123456789012:execution:purgeflow:a-b')).toBe(
      'https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/arn:aws:states:eu-west-1:123456789012:execution:purgeflow:a-b',
    )
    expect(executionLink('arn:aws:states:eu-west-1:000000000000:execution:purgeflow:a-b')).toBeUndefined()
  })
})

describe('what Cloudflare accepted', () => {
  it('is counted past the third request', () => {
    const accepted = ['1', '2', '3', '4', '5'].map((count) => `${count} hosts`)
    expect(renderMessage(someFindings({ edge: { outcome: 'accepted', accepted } })).summary).toContain(
      'accepted the purge of 1 hosts, 2 hosts, 3 hosts and 2 more requests',
    )
    expect(renderMessage(someFindings({ edge: { outcome: 'accepted', accepted: accepted.slice(0, 4) } })).summary).toContain(
      'and 1 more request\n',
    )
  })
})
