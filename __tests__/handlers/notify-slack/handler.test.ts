// Over real HTTP to a loopback Slack whose answers the test scripts.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHandler, type Deps } from '../../../handlers/notify-slack/handler.ts'
import type { HistoryEvent } from '../../../handlers/notify-slack/history.ts'
import { Report } from '../../../handlers/notify-slack/schema.ts'
import { type HttpReply, type HttpServer, json, serve } from '../../../local/server/http.ts'
import { Blocks } from '../../../local/slack/blocks.ts'
import { aConfig, aTarget } from '../../config/a-config.ts'
import { planPurge } from '../../../handlers/plan-purge/core.ts'
import { anOutcome, aPlan, noon, recordConsole, rejectionOf, someSecrets } from '../factories.ts'
import { edgeStarted, edgeTurn, eventsOf, layerConfirmed, layerStarted, planned, probed } from './history-of.ts'

const arn = 'arn:aws:states:eu-west-1:123456789012:execution:purgeflow:slack-portal-1'
const execution = { arn, startedAt: new Date(noon).toISOString() }
const webhookPath = '/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX'

interface Message {
  readonly text: string
  readonly blocks?: unknown[]
}

let messages: Message[]
let script: HttpReply[]
let metrics: Record<string, unknown>[]
let slack: HttpServer
let output: ReturnType<typeof recordConsole>
beforeEach(async () => {
  messages = []
  script = []
  metrics = []
  output = recordConsole()
  slack = await serve(0, ({ body }) => {
    messages.push(JSON.parse(body.toString()) as Message)
    return Promise.resolve(script.shift() ?? { status: 200, body: 'ok' })
  })
})
afterEach(async () => {
  expect(output.text()).not.toContain(webhookPath)
  // Nothing has been probed, so no message may claim it.
  expect(JSON.stringify(messages).toLowerCase()).not.toContain('verified')
  output.restore()
  await slack.close()
})

const notify = async (event: unknown, history: HistoryEvent[] | Error = [], deps: Partial<Deps> = {}): Promise<Report | null> => {
  const report = await createHandler({
    webhookParameter: '/acme/slack/webhook-url',
    readSecrets: someSecrets({ '/acme/slack/webhook-url': `${slack.url}${webhookPath}` }),
    readHistory: () => eventsOf(history),
    fetch,
    now: () => noon + 83_400,
    print: (line) => {
      metrics.push(JSON.parse(line) as Record<string, unknown>)
    },
    ...deps,
  })(event)
  if (report !== null && ('dryRun' in report || 'group' in report)) throw new Error('it is not the report of a purge')
  if (report !== null) {
    expect(Report.parse(report)).toEqual(report)
    for (const { blocks } of messages) if (blocks) expect(Blocks.safeParse(blocks).error).toBeUndefined()
  }
  return report
}

const textOf = async (event: unknown, history: HistoryEvent[] | Error = []): Promise<string> => {
  const report = await notify(event, history)
  expect(messages).toHaveLength(1)
  return report?.text ?? ''
}

const success = (changes: Record<string, unknown> = {}) => ({
  execution,
  request: { target: 'portal' },
  plan: aPlan({ target: 'portal', source: 'slack', requester: 'U2CERLKJA' }),
  layers: [anOutcome(), anOutcome({ id: 'nginx-fastcgi', label: 'FastCGI', seconds: 0.4, freedBytes: 12_345_678, files: 1 })],
  ...changes,
})
const doneEdge = () => ({ ...aPlan().edge!, status: 'done', pending: [], accepted: ['host portal.example.com'] })
const failure = (Error: string, Cause: unknown) => ({
  execution,
  request: { target: 'portal' },
  failure: { Error, Cause: typeof Cause === 'string' ? Cause : JSON.stringify(Cause) },
})
const ended = (status: string, detail: Record<string, unknown> = {}) => ({
  version: '0',
  source: 'aws.states',
  'detail-type': 'Step Functions Execution Status Change',
  detail: {
    executionArn: arn,
    stateMachineArn: 'arn:x',
    name: 'slack-portal-1',
    status,
    startDate: noon,
    stopDate: noon + 5000,
    input: '{}',
    output: null,
    error: null,
    cause: null,
    ...detail,
  },
})

describe('a purge whose probe broke', () => {
  const plan = planPurge(
    { target: 'portal' },
    aConfig({ targets: [aTarget({ probes: { urls: ['https://portal.example.com/', 'https://portal.example.com/a'] } })] }),
  )
  const broken = { probeFailure: { Error: 'Lambda.Unknown', Cause: 'it died' } }

  it('is cleared and unproven, with the reason and with every layer', async () => {
    const report = await notify(success({ plan: { ...plan, edge: doneEdge() }, ...broken }))
    expect(report).toMatchObject({ verdict: 'unproven', failure: null, layers: [{ id: 'w3-total-cache' }, { id: 'nginx-fastcgi' }] })
    expect(report?.text).toContain('caches cleared, unproven')
    expect(report?.text).toContain('the probe broke: Lambda.Unknown: it died')
    expect(metrics).toMatchObject([{ Verdict: 'unproven' }])
  })

  it('in a second round keeps what the first round purged, and nothing of what it saw', async () => {
    const first = { ...plan.proof!, round: 1, next: 'purge-again' as const, verdict: 'stale' as const, purged: [anOutcome()] }
    const seen = { where: 'edge', url: plan.proof!.urls[0]!, verdict: 'stale' as const, evidence: 'HIT age 99', cause: 'old' }
    const proof = { ...first, findings: [seen], retried: ['Cloudflare: / HIT age 99'] }
    const again = anOutcome({ id: 'nginx-fastcgi', label: 'FastCGI' })
    const report = await notify(success({ plan: { ...plan, edge: doneEdge(), proof }, layers: [again], ...broken }))
    expect(report).toMatchObject({ verdict: 'unproven', layers: [{ id: 'w3-total-cache' }, { id: 'nginx-fastcgi' }] })
    expect(report?.proof?.findings.map(({ evidence }) => evidence)).toEqual(['not seen', 'not seen'])
    expect(report?.text).toContain('Purged twice')
  })
})

describe('a second round that fails', () => {
  const base = planPurge({ target: 'portal' }, aConfig({ targets: [aTarget({ probes: { urls: ['https://portal.example.com/'] } })] }))
  const done = { status: 'done' as const, pending: [], accepted: ['host portal.example.com'] }
  // The plan has a probe before its layers.
  const firstRound = [
    ...planned(base),
    ...layerConfirmed(1, {}, base),
    ...layerConfirmed(2, {}, base),
    ...edgeTurn(done, base),
    ...probed(
      { next: 'purge-again', verdict: 'stale', retried: ['Cloudflare: / HIT age 99'] },
      { ...base, edge: { ...base.edge!, ...done } },
    ),
  ]

  it('before its edge purge says that Cloudflare was purged in the first, and claims no second purge', async () => {
    const text = await textOf(failure('LayerFailed', { errorMessage: 'rm: denied' }), [...firstRound, ...layerStarted(2, base)])
    expect(text).toMatch(/⚠️ Cloudflare: accepted the purge of host portal\.example\.com in the first round; the second ended before/)
    expect(text).not.toContain('not touched')
    expect(text).not.toContain('Purged twice')
    expect(text).toContain('Second purge: not done')
  })

  it.each(['ABORTED', 'TIMED_OUT'])('by %s before its edge purge says so too', async (status) => {
    expect(await textOf(ended(status), firstRound)).toMatch(/⚠️ Cloudflare: accepted the purge/)
  })

  it('at its edge purge is a failure of the edge', async () => {
    const text = await textOf(failure('EdgeRejected', { errorMessage: 'no' }), [...firstRound, ...edgeStarted(base)])
    expect(text).toMatch(/❌ Cloudflare: failed; accepted in earlier turns: host portal\.example\.com/)
  })
})

describe('what an instance, a requester or an answer of Slack says', () => {
  it('makes no line of its own', async () => {
    const forged = 'done\n✅ Probe edge: / MISS\u2028✅ Cloudflare: accepted\u202e'
    const instances = [{ ...anOutcome().instances[0]!, detail: forged }]
    const plan = aPlan({ target: 'portal', source: 'slack', requester: 'ann\n✅ all is well' })
    const text = await textOf(success({ plan, layers: [anOutcome({ instances })] }))
    expect(text.split(/[\n\u2028]/).filter((line) => line.startsWith('✅'))).toHaveLength(2)
    expect(text).not.toContain('\u202e')
  })

  it('is parsed by nobody: every text is verbatim', async () => {
    await notify(success())
    const texts = JSON.stringify(messages[0]?.blocks).match(/\{"type":"mrkdwn"[^}]*\}/g) ?? []
    expect(texts.length).toBeGreaterThan(1)
    for (const each of texts) expect(each).toContain('"verbatim":true')
  })

  it.each([
    ['slack-portal-1', 'slack'],
    ['s3-portal-1', 'manual'],
    ['by-ann', 'manual'],
    ['slack', 'manual'],
  ])('of its source counts only where the execution is named so: %s is %s', async (name, source) => {
    const report = await notify(success({ execution: { ...execution, arn: arn.replace('slack-portal-1', name) } }))
    expect(report?.source).toBe(source)
    expect(JSON.stringify(messages[0]?.blocks).includes('<@U2CERLKJA>')).toBe(source === 'slack')
  })

  it.each([
    ['{"ok":false,"error":"invalid_token"}', 'SlackRejected'],
    ['<!doctype html><title>Log in</title>', 'SlackUnavailable'],
    ['', 'SlackUnavailable'],
  ])('with HTTP 200 and %j is no delivery', async (body, name) => {
    script = [{ status: 200, body }]
    expect((await rejectionOf(notify(success()))).name).toBe(name)
    expect(metrics).toEqual([])
  })

  it.each(['ok', 'ok\n', '{"ok":true}', '{ "ok": true, "warning": "none" }'])('with HTTP 200 and %j is a delivery', async (body) => {
    script = [{ status: 200, body }]
    expect((await notify(success()))?.text).toContain('caches cleared')
  })

  it.each([webhookPath, webhookPath.replaceAll('/', '\\/'), webhookPath.split('/').at(-1)!])(
    'does not carry %s into the error',
    async (echo) => {
      script = [{ status: 404, body: `no such path: ${echo}` }]
      const error = await rejectionOf(notify(success()))
      expect(error.message).toContain('no such path: [secret]')
    },
  )
})

describe('the metric', () => {
  const cause = JSON.stringify({ errorType: 'SlackUnavailable', errorMessage: 'HTTP 500' })
  const base = planPurge({ target: 'portal' }, aConfig({ targets: [aTarget({ probes: { urls: ['https://portal.example.com/'] } })] }))

  it('counts a purge once, however often its report is tried', async () => {
    script = [
      { status: 500, body: 'no' },
      { status: 500, body: 'no' },
    ]
    await rejectionOf(notify(success()))
    await rejectionOf(notify(success()))
    await notify(success())
    expect(metrics).toHaveLength(1)
  })

  it('counts a purge whose report came late as what its probes say', async () => {
    const done = { status: 'done' as const, pending: [], accepted: ['host portal.example.com'] }
    const history = [
      ...planned(base),
      ...layerConfirmed(1, {}, base),
      ...layerConfirmed(2, {}, base),
      ...edgeTurn(done, base),
      {
        stateExitedEventDetails: {
          name: 'Probe Edge',
          output: JSON.stringify({
            plan: { ...base, edge: { ...base.edge, ...done }, proof: { ...base.proof, round: 1, next: 'done', verdict: 'unproven' } },
          }),
        },
      },
    ]
    const report = await notify(ended('FAILED', { error: 'NotifyFailed', cause }), history)
    expect(report).toMatchObject({ verdict: 'unproven' })
    expect(report?.text).toMatch(/^TD Portal: caches cleared, reported late\n/)
    expect(metrics).toMatchObject([{ Verdict: 'unproven', Purges: 1 }])
  })

  it('counts a purge that failed before its report did as failed', async () => {
    await notify(ended('FAILED', { error: 'NotifyFailed', cause }), [...planned(base), ...layerStarted(1, base)])
    expect(metrics).toMatchObject([{ Verdict: 'failed' }])
  })
})

describe('a purge that succeeded', () => {
  it('is told with every layer, its time and bytes, the edge, who asked, and a link', async () => {
    const plan = { ...success().plan, edge: doneEdge() }
    const report = await notify(success({ plan }))
    expect(report).toMatchObject({
      verdict: 'unproven',
      failure: null,
      seconds: 83.4,
      executionArn: arn,
      source: 'slack',
      requester: 'U2CERLKJA',
      target: { id: 'portal', label: 'TD Portal' },
    })
    expect(report?.text).toBe(
      [
        'TD Portal: caches cleared',
        '✅ W3 Total Cache: freed 4.1 kB in 7 files on 1 instance, 1.5 s (W3 Total Cache flushed all its caches)',
        '✅ FastCGI: freed 12.3 MB in 1 file on 1 instance, 0.4 s (W3 Total Cache flushed all its caches)',
        '✅ Cloudflare: accepted the purge of host portal.example.com',
        `Asked by U2CERLKJA from Slack · 1 min 23 s · https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/${arn}`,
      ].join('\n'),
    )
    expect(metrics).toMatchObject([
      { Target: 'portal', Verdict: 'unprobed', Purges: 1, Seconds: 83.4, _aws: { CloudWatchMetrics: [{ Namespace: 'purgeflow' }] } },
    ])
    const blocks = JSON.stringify(messages[0]?.blocks)
    expect(blocks).toContain('<@U2CERLKJA>')
    expect(blocks).toContain('no page was checked')
    expect(messages[0]?.text).toContain('✅ W3 Total Cache')
  })

  it('says so where nothing was cached', async () => {
    const layers = [anOutcome({ outcome: 'nothing-cached', freedBytes: 0, files: 0 })]
    expect(await textOf(success({ layers }))).toContain('✅ W3 Total Cache: nothing was cached on 1 instance')
  })

  it('has no line for an edge that the target does not have', async () => {
    const plan = aPlan({ target: 'main' })
    expect(await textOf(success({ plan, layers: [anOutcome()] }))).not.toContain('Cloudflare')
  })

  it('by hand and by nobody is told without a name', async () => {
    expect(await textOf(success({ plan: aPlan({ target: 'main' }) }))).toContain('\nAsked by hand · ')
    expect(JSON.stringify(messages)).not.toContain('@')
  })
})

describe('a purge that failed', () => {
  const layerFailed = {
    errorType: 'LayerFailed',
    errorMessage: 'FastCGI failed on 1 instance.\ni-1: the script ended as Failed:\nrm: denied',
    trace: [],
  }

  it('names the layer, its instance and the reason, and what was not touched', async () => {
    const text = await textOf(failure('LayerFailed', layerFailed), [...planned(), ...layerConfirmed(0), ...layerStarted(1)])
    expect(text).toMatch(
      /^TD Portal: purge failed\n✅ W3 Total Cache: freed .*\n❌ FastCGI: failed\n⚪ Cloudflare: not touched\nReason: FastCGI failed on 1 instance\.\ni-1: the script ended as Failed:\nrm: denied\nAsked by hand/,
    )
  })

  it('lists later layers as not touched', async () => {
    const text = await textOf(failure('LayerFailed', layerFailed), [...planned(), ...layerStarted(0)])
    expect(text).toMatch(/❌ W3 Total Cache: failed\n⚪ FastCGI: not touched\n⚪ Cloudflare: not touched/)
  })

  it('at the edge keeps the layers as purged, and says what Cloudflare had accepted', async () => {
    const edge = { status: 'throttled' as const, accepted: ['2 hosts', 'host c.example.com'], pending: [{ hosts: ['d.example.com'] }] }
    const text = await textOf(failure('EdgeRejected', { errorMessage: 'Cloudflare refused' }), [
      ...planned(),
      ...layerConfirmed(0),
      ...layerConfirmed(1),
      ...edgeTurn(edge),
      ...edgeStarted(),
    ])
    expect(text).toMatch(
      /^TD Portal: purge incomplete\n✅ W3[^]*✅ FastCGI[^]*❌ Cloudflare: failed; accepted in earlier turns: 2 hosts, host c\.example\.com\nReason: Cloudflare refused/,
    )
  })

  it('in the first turn at the edge does not claim that Cloudflare accepted nothing: only the reason knows', async () => {
    const reason = 'Cloudflare refused to purge host b. Accepted before that: host a. Not purged: host b.'
    const text = await textOf(failure('EdgeRejected', { errorMessage: reason }), [
      ...planned(),
      ...layerConfirmed(0),
      ...layerConfirmed(1),
      ...edgeStarted(),
    ])
    expect(text).toContain(reason)
    expect(text).not.toMatch(/accept\w+ nothing/)
  })

  it('before it was planned says that nothing was started, and why', async () => {
    const event = {
      ...failure('InvalidRequest', { errorType: 'InvalidRequest', errorMessage: 'Unknown target "x". Valid targets: portal, main.' }),
      request: ['x'],
    }
    const report = await notify(event, [{ stateEnteredEventDetails: { name: 'Plan Purge', input: '["x"]' } }])
    expect(report).toMatchObject({
      target: null,
      layers: [],
      edge: null,
      verdict: 'failed',
      failure: 'Unknown target "x". Valid targets: portal, main.',
    })
    expect(report?.text).toMatch(/^Purge not started\nReason: Unknown target "x"\. Valid targets: portal, main\.\n1 min 23 s · /)
  })

  it('after a plan that another version made does not claim that nothing was started', async () => {
    const foreign = [{ stateExitedEventDetails: { name: 'Plan Purge', output: JSON.stringify({ plan: { shape: 'of tomorrow' } }) } }]
    const report = await notify(failure('LayerFailed', layerFailed), [...foreign, ...layerStarted(0)])
    expect(report?.complete).toBe(false)
    expect(report?.text).toMatch(/^Purge failed\n[^]*another version[^]*may have been purged or not/)
  })

  it('reads a plan, a command and an outcome with keys of another version', async () => {
    const plan = aPlan()
    const tomorrow = { ...plan, later: 1, commands: plan.commands.map((command) => ({ ...command, later: 1 })) }
    const text = await textOf(failure('LayerFailed', layerFailed), [
      ...planned(tomorrow),
      ...layerConfirmed(0, { ...anOutcome(), ...{ later: 1 } }, tomorrow),
      ...layerStarted(1, tomorrow),
    ])
    expect(text).toMatch(/^TD Portal: purge failed\n✅ W3 Total Cache[^]*❌ FastCGI: failed/)
    expect(text).not.toContain('another version')
  })

  const caught = (name: string, input: object) => ({
    stateExitedEventDetails: { name, output: JSON.stringify({ ...input, failure: { Error: 'LayerFailed', Cause: '{}' } }) },
  })

  it('reads the exit of a layer whose error was caught as no outcome, and as nothing that it cannot read', async () => {
    const layer = await textOf(failure('LayerFailed', layerFailed), [
      ...planned(),
      ...layerConfirmed(0),
      ...layerStarted(1),
      caught('Confirm Command', { command: aPlan().commands[1] }),
    ])
    expect(layer).toMatch(/^TD Portal: purge failed\n✅ W3 Total Cache[^]*❌ FastCGI: failed/)
    expect(layer).not.toContain('another version')
  })

  it('knows of a plan whose error was caught that nothing was started', async () => {
    expect(await textOf(failure('InvalidRequest', layerFailed), [caught('Plan Purge', { request: {} })])).toMatch(/^Purge not started\n/)
  })

  it('is told also where its history cannot be read', async () => {
    const text = await textOf(failure('LayerFailed', layerFailed), new Error('ThrottlingException'))
    expect(text).toContain('rm: denied\nHow far the purge came could not be read: look at the execution.')
    expect(text).toMatch(/^Purge failed\n/)
    expect(output.text()).toContain('ThrottlingException')
  })

  it.each([
    [
      'a Cause of AWS in words',
      'Ssm.InvalidDocumentException',
      'null (Service: Ssm, Status Code: 400)',
      'Ssm.InvalidDocumentException: null (Service: Ssm, Status Code: 400)',
    ],
    ['no Cause', 'States.Timeout', '', 'States.Timeout'],
    ['a Cause that is JSON, but not of a Lambda', 'X', '"text"', 'X: "text"'],
    ['a Cause that is a JSON null', 'X', 'null', 'X: null'],
  ])('with %s says both', async (_name, Error, Cause, reason) => {
    expect(await textOf(failure(Error, Cause), planned())).toContain(`\nReason: ${reason}\n`)
  })

  it('without a Cause at all is told', async () => {
    expect(await textOf({ execution, request: null, failure: { Error: 'States.Timeout' } }, planned())).toContain('Reason: States.Timeout')
  })
})

describe('an ending that the state machine could not report', () => {
  it('is not told twice', async () => {
    expect(await notify(ended('FAILED', { error: 'PurgeFailed', cause: 'told already' }), planned())).toBeNull()
    expect(messages).toEqual([])
  })

  it('by a time-out says what was running and what was not touched', async () => {
    const text = await textOf(ended('TIMED_OUT'), [...planned(), ...layerStarted(0)])
    expect(text).toMatch(
      /⚠️ W3 Total Cache: was running when the purge was stopped: it may be purged or not\n⚪ FastCGI: not touched\n⚪ Cloudflare: not touched\nReason: The execution timed out\./,
    )
    expect(text).toContain('· 5.0 s ·')
  })

  it('by somebody who stopped it says their words', async () => {
    await notify(ended('ABORTED', {}), [])
    await notify(failure('InvalidRequest', {}), [])
    await notify(failure('LayerFailed', {}), [])
    messages.length = 0
    // The alarm watches what failed, and not what somebody stopped or mistyped.
    expect(metrics.map(({ Verdict }) => Verdict)).toEqual(['stopped', 'refused', 'failed'])
    const text = await textOf(ended('ABORTED', { error: 'Stopped', cause: 'by ann' }), [
      ...planned(),
      ...layerConfirmed(0),
      ...layerConfirmed(1),
      ...edgeStarted(),
    ])
    expect(text).toMatch(/⚠️ Cloudflare: was running when the purge was stopped[^]*Reason: The execution was stopped \(Stopped: by ann\)\./)
    expect(text).not.toMatch(/accept\w+ nothing/)
  })

  it('by a failed report names the purge as cleared, but late', async () => {
    const cause = JSON.stringify({ errorType: 'SlackUnavailable', errorMessage: 'Slack did not take the message (HTTP 500)' })
    const done = [
      ...planned(),
      ...layerConfirmed(0),
      ...layerConfirmed(1),
      ...edgeTurn({ status: 'done', pending: [], accepted: ['host portal.example.com'] }),
    ]
    const text = await textOf(ended('FAILED', { error: 'NotifyFailed', cause }), done)
    expect(text).toMatch(
      /^TD Portal: caches cleared, reported late\n✅[^]*✅[^]*✅ Cloudflare: accepted[^]*Reason: The execution failed \(Slack did not take the message \(HTTP 500\)\)\./,
    )
  })

  it('by States.Runtime names the layer that was at work as failed', async () => {
    expect(
      await textOf(ended('FAILED', { error: 'States.Runtime', cause: 'a path is missing' }), [...planned(), ...layerStarted(0)]),
    ).toMatch(/❌ W3 Total Cache: failed/)
  })

  it('before anything was planned is told', async () => {
    expect(await textOf(ended('ABORTED', { stopDate: null }), [])).toMatch(/^Purge not started\nReason: The execution was stopped\./)
  })
})

describe('Slack', () => {
  it.each(['invalid_blocks', 'invalid_payload'])('that refuses the blocks as %s gets the same as plain text', async (body) => {
    script = [{ status: 400, body }]
    const report = await notify(success())
    expect(messages).toHaveLength(2)
    expect(messages[1]).toEqual({ text: messages[0]?.text })
    expect(messages[1]?.text).toBe(report?.text)
  })

  it.each([
    [404, 'no_service'],
    [403, 'action_prohibited'],
    [410, 'channel_is_archived'],
    [400, 'no_text'],
  ])('that answers %i %s is not asked again, and the message is in the error', async (status, body) => {
    script = [{ status, body }]
    const error = await rejectionOf(notify(success()))
    expect(error.name).toBe('SlackRejected')
    expect(error.message).toMatch(new RegExp(`HTTP ${status}: ${body}[^]*/acme/slack/webhook-url[^]*TD Portal: caches cleared\n✅ W3`))
    expect(error.message).not.toContain(webhookPath)
    expect(messages).toHaveLength(1)
  })

  it('that refuses the plain text too has rejected the message', async () => {
    script = [
      { status: 400, body: 'invalid_blocks' },
      { status: 400, body: 'invalid_payload' },
    ]
    expect((await rejectionOf(notify(success()))).name).toBe('SlackRejected')
    expect(messages).toHaveLength(2)
  })

  it.each<[string, HttpReply]>([
    ['429', { status: 429, headers: { 'retry-after': '1' } }],
    ['500', { status: 500, body: 'rollup_error' }],
    ['503', json(503, {})],
  ])('that answers %s is worth a retry, and the message is in the error', async (_name, reply) => {
    script = [reply]
    const error = await rejectionOf(notify(success()))
    expect(error.name).toBe('SlackUnavailable')
    expect(error.message).toContain('TD Portal: caches cleared\n✅ W3')
    expect(error.message).not.toContain(webhookPath)
  })

  it.each([
    ['is not there', 'http://127.0.0.1:9'],
    ['redirects', undefined],
  ])('that %s is worth a retry', async (_name, origin) => {
    script = [{ status: 307, headers: { location: '/elsewhere' } }]
    const error = await rejectionOf(
      notify(success(), [], { readSecrets: someSecrets({ '/acme/slack/webhook-url': `${origin ?? slack.url}${webhookPath}` }) }),
    )
    expect(error.name).toBe('SlackUnconfirmed')
    expect(`${error.message}${error.stack ?? ''}`).not.toContain(webhookPath)
    expect(output.text()).toContain('Slack could not be reached')
  })

  it.each([
    `http://hooks.slack.com${webhookPath}`,
    `http://localhost${webhookPath}`,
    `http://127.0.0.1.evil.example${webhookPath}`,
    `ftp://hooks.slack.com${webhookPath}`,
    `hooks.slack.com${webhookPath}`,
    webhookPath,
    `https://user:password@127.0.0.1:9${webhookPath}`,
  ])('is not called at %s, and the URL is nowhere to be read', async (url) => {
    const error = await rejectionOf(notify(success(), [], { readSecrets: someSecrets({ '/acme/slack/webhook-url': url }) }))
    expect(error.name).toBe('SecretUnavailable')
    expect(error.message).toContain('/acme/slack/webhook-url')
    expect(`${error.message}${error.stack ?? ''}${output.text()}`).not.toContain(webhookPath)
    expect(messages).toEqual([])
  })

  it('whose webhook is missing is a failure that names the parameter', async () => {
    const error = await rejectionOf(notify(success(), [], { readSecrets: someSecrets({}) }))
    expect([error.name, error.message]).toEqual(['SecretUnavailable', expect.stringContaining('/acme/slack/webhook-url')])
  })
})

describe('the input', () => {
  it.each([undefined, null, {}, { execution }, ended('SUCCEEDED'), { ...ended('FAILED'), 'detail-type': 'Something else' }])(
    '%j is refused',
    async (event) => {
      expect((await rejectionOf(notify(event))).name).toBe('ZodError')
      expect(messages).toEqual([])
    },
  )
})
