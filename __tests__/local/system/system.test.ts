// The local run end to end, over HTTP: from the two sources to the messages in Slack.

import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DescribeExecutionCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn'
import { describe, expect, it } from 'vitest'
import { signedSlashCommand, slashCommandForm } from '../../../local/slack/client.ts'
import { visit } from '../../../local/instance/visitor.ts'
import { shareSystem } from './share-system.ts'
import type { Report } from '../../../handlers/notify-slack/schema.ts'

const { system, sfn, machine, newCopy, executions, requests, received, messages } = shareSystem()
const portalId = 'i-0a1b2c3d4e5f60718'
const rootOf = (instanceId: string): string => system().aws.instances.find((instance) => instance.instanceId === instanceId)!.root

const slash = async (
  text: string,
  changes: Record<string, string> = {},
): Promise<{ status: number; reply: { response_type: string; text: string } }> => {
  const { status, body } = await signedSlashCommand({
    url: system().slackUrl,
    signingSecret: system().signingSecret,
    form: slashCommandForm({ text, ...changes }),
  })
  return { status, reply: JSON.parse(body) as { response_type: string; text: string } }
}

/** Waits for the newest execution's end and for its message. */
const newestEnd = async () => {
  const execution = executions()[0]!
  await system().ended(execution)
  return { execution, ending: await execution.run.ended }
}

const byHand = async (input: unknown) => {
  await sfn().send(new StartExecutionCommand({ stateMachineArn: machine().arn, input: JSON.stringify(input) }))
  const { execution } = await newestEnd()
  const described = await sfn().send(new DescribeExecutionCommand({ executionArn: execution.arn }))
  return {
    status: described.status,
    report: (described.output === undefined ? undefined : JSON.parse(described.output)) as Report | undefined,
    cause: described.cause,
  }
}

/** Files of before the purge: what a probe or a visitor asks for afterwards is cached again, with what is published now. */
const files = async (path: string): Promise<string[]> => {
  const entries = await readdir(join(rootOf(portalId), path), { recursive: true, withFileTypes: true })
  const old = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => ((await readFile(join(parentPath, name), 'utf8')).includes(newCopy()) ? [] : [name])),
  )
  return old.flat()
}

/** From now on, wp on the portal's instance does this. */
const replaceWp = (script: string) => writeFile(join(rootOf(portalId), 'usr/local/bin/wp'), `#!/usr/bin/env bash\n${script}\n`)

describe('a slash command', () => {
  it('is acknowledged in the channel, purges every layer and the edge, and ends with one message', async () => {
    expect(await files('var/cache/nginx/portal')).not.toEqual([])
    const { status, reply } = await slash('portal')
    expect(status).toBe(200)
    expect(reply).toEqual({
      response_type: 'in_channel',
      text: '<@U0123456789> is clearing the caches of *TD Portal*: W3 Total Cache → FastCGI → Cloudflare. The result follows.',
    })
    const { ending } = await newestEnd()
    expect(ending.status).toBe('SUCCEEDED')
    expect(await files('var/cache/nginx/portal')).toEqual([])
    expect(await files('var/www/portal/wp-content/cache')).toEqual([])
    expect(await files('var/www/portal/wp-content/uploads')).toEqual(['holiday photo.jpg'])
    expect(requests().map(({ body, accepted }) => ({ body, accepted }))).toEqual([
      { body: { hosts: ['portal.example.com'] }, accepted: true },
    ])
    expect(messages()).toEqual([
      expect.stringMatching(
        /TD Portal: caches cleared and verified[^]*W3 Total Cache: freed [^]*FastCGI: freed [^]*nginx reloaded[^]*Cloudflare: accepted[^]*: \/ HIT -> MISS, then HIT[^]*Cloudflare: \/ new copy \(was the old one before\), MISS \(LHR\)[^]*Asked by @U0123456789 from Slack/,
      ),
    ])
  })

  it('delivered twice starts one execution', async () => {
    const form = slashCommandForm({ text: 'portal' })
    for (const _ of [1, 2]) await signedSlashCommand({ url: system().slackUrl, signingSecret: system().signingSecret, form })
    await newestEnd()
    await signedSlashCommand({ url: system().slackUrl, signingSecret: system().signingSecret, form })
    expect(executions()).toHaveLength(1)
    expect(messages()).toHaveLength(1)
  })

  it('for two targets purges each as configured', async () => {
    await slash('portal')
    await slash('main')
    await Promise.all(executions().map((execution) => system().ended(execution)))
    expect(
      requests()
        .map(({ body }) => JSON.stringify(body))
        .sort(),
    ).toEqual(['{"hosts":["portal.example.com"]}', '{"purge_everything":true}'])
    expect(messages().join('\n')).toMatch(/TD Main Site: caches cleared/)
  })

  it.each([
    ['signed with another secret', { secret: 'wrong' }],
    ['301 s old', { now: () => Date.now() - 301_000 }],
    ['303 s ahead', { now: () => Date.now() + 303_000 }],
  ])('%s is refused, and nothing starts', async (_, { secret, now }: { secret?: string; now?: () => number }) => {
    const answer = await signedSlashCommand({
      url: system().slackUrl,
      signingSecret: secret ?? system().signingSecret,
      form: slashCommandForm({ text: 'portal' }),
      ...(now ? { now } : {}),
    })
    expect(answer.status).toBe(401)
    expect(executions()).toEqual([])
  })

  it.each(['nope', '', 'help'])('"%s" gets the list of targets, for the sender alone, and nothing starts', async (text) => {
    const { status, reply } = await slash(text)
    expect(status).toBe(200)
    expect(reply.response_type).toBe('ephemeral')
    expect(reply.text).toMatch(/`portal`[^]*`main`/)
    expect(executions()).toEqual([])
  })

  it('from a channel that may not is told which one may, and nothing starts', async () => {
    const { reply } = await slash('portal', { channel_id: 'C9999999999' })
    expect(reply).toMatchObject({ response_type: 'ephemeral', text: expect.stringContaining('<#C0123456789>') as string })
    expect(executions()).toEqual([])
  })
})

describe('an execution by hand', () => {
  it('gives the same report as the slash command, but for who asked', async () => {
    await slash('portal')
    const { ending } = await newestEnd()
    const fromSlack = JSON.parse(ending.status === 'SUCCEEDED' ? ending.output : '{}') as Report
    const { status, report } = await byHand({ target: 'portal' })
    expect(status).toBe('SUCCEEDED')
    expect(fromSlack).toMatchObject({ source: 'slack', requester: 'U0123456789' })
    expect(report).toMatchObject({ source: 'manual', requester: null, verdict: 'verified', target: fromSlack.target, edge: fromSlack.edge })
    expect(report?.layers.map(({ id, verdict }) => ({ id, verdict }))).toEqual(fromSlack.layers.map(({ id, verdict }) => ({ id, verdict })))
  })

  it('says of a second purge that nothing was cached but what the probes had asked for', async () => {
    await byHand({ target: 'portal' })
    const { report } = await byHand({ target: 'portal' })
    expect(report?.layers.at(-1)).toMatchObject({ outcome: 'purged', files: 5 })
    expect(report?.layers[0]).toMatchObject({ freedBytes: 0, files: 0 })
    expect(messages().at(-1)).toMatch(/FastCGI: freed [^]* in 5 files on 1 instance/)
  })

  it.each([[{ target: 'nope' }], [{}], ['portal'], [{ target: 'portal', extra: 1 }], [{ target: 7 }]])(
    'with the input %j fails, and a message names the valid targets',
    async (input) => {
      const { status, cause } = await byHand(input)
      expect(status).toBe('FAILED')
      expect(cause).toContain('Valid targets: portal, main')
      expect(messages()).toEqual([expect.stringContaining('Valid targets: portal, main')])
      expect(requests()).toEqual([])
    },
  )

  it('that is stopped is reported through EventBridge, and the edge stays untouched', async () => {
    await replaceWp('sleep 30')
    const { executionArn } = await sfn().send(new StartExecutionCommand({ stateMachineArn: machine().arn, input: '{"target": "portal"}' }))
    const execution = executions()[0]!
    const layers = (): string[] =>
      execution.run.history.events.flatMap(
        ({ details }) => /"CommandId":.*"DocumentName":"(TD-\w+)"/.exec(JSON.stringify(details).replaceAll('\\', '')) ?? [],
      )
    while (!layers().includes('TD-PurgeW3')) await sleep(20)
    await sfn().send(new StopExecutionCommand({ executionArn, error: 'Impatient', cause: 'lunch' }))
    await newestEnd()
    expect(messages()).toEqual([
      expect.stringMatching(
        /TD Portal: purge failed[^]*W3 Total Cache: was running[^]*FastCGI: not touched[^]*Cloudflare: not touched[^]*was stopped \(Impatient: lunch\)/,
      ),
    ])
    expect(requests()).toEqual([])
  })
})

describe('what goes wrong', () => {
  it('in a script stops the purge: later layers and the edge stay untouched, and the message says so', async () => {
    await replaceWp('echo "Error: the database is gone" >&2; exit 1')
    const before = await files('var/cache/nginx/portal')
    const { status, cause } = await byHand({ target: 'portal' })
    expect(status).toBe('FAILED')
    expect(cause).toContain('the database is gone')
    expect(await files('var/cache/nginx/portal')).toEqual(before)
    expect(requests()).toEqual([])
    expect(messages()).toEqual([
      expect.stringMatching(
        new RegExp(
          `TD Portal: purge failed[^]*W3 Total Cache: failed[^]*FastCGI: not touched[^]*Cloudflare: not touched[^]*${portalId}[^]*the database is gone`,
        ),
      ),
    ])
  })

  it.each(['undeliverable', 'access-denied'] as const)('on an instance that is %s is a failure that names it', async (state) => {
    system().aws.instances.find(({ instanceId }) => instanceId === portalId)!.state = state
    expect((await byHand({ target: 'portal' })).status).toBe('FAILED')
    expect(messages()).toEqual([expect.stringMatching(new RegExp(`W3 Total Cache: failed[^]*${portalId}: `))])
  })

  it('at Cloudflare for a while is waited for', async () => {
    system().cloudflare.setFault({ mode: 'throttle', retryAfter: 2, times: 3 })
    expect((await byHand({ target: 'portal' })).status).toBe('SUCCEEDED')
    expect(requests().map(({ accepted }) => accepted)).toEqual([false, false, false, true])
  })

  it('at Cloudflare for good ends with what was purged and what was not', async () => {
    system().cloudflare.setFault({ mode: 'fail', status: 503 })
    expect((await byHand({ target: 'portal' })).status).toBe('FAILED')
    expect(requests()).toHaveLength(6)
    expect(messages()).toEqual([
      expect.stringMatching(
        /TD Portal: purge incomplete[^]*FastCGI: freed [^]*Cloudflare: failed[^]*HTTP 503[^]*Accepted before that: nothing[^]*Not purged: host portal\.example\.com/,
      ),
    ])
  })

  it("with the Cloudflare token is told in Cloudflare's own words", async () => {
    system().cloudflare.setFault({ mode: 'reject', status: 403, code: 10000, message: 'Authentication error' })
    await byHand({ target: 'portal' })
    expect(messages()).toEqual([
      expect.stringMatching(/Cloudflare: failed[^]*HTTP 403: 10000 Authentication error[^]*\/purgeflow\/cloudflare\/portal-token/),
    ])
  })

  it('at Slack for a while loses no message', async () => {
    system().slack.setFault({ mode: 'fail', status: 503, times: 4 })
    expect((await byHand({ target: 'portal' })).status).toBe('SUCCEEDED')
    expect(messages()).toHaveLength(1)
  })

  it('at Slack for longer ends as NotifyFailed with the report in the cause, and EventBridge delivers it', async () => {
    system().slack.setFault({ mode: 'fail', status: 503, times: 6 })
    const { status, cause } = await byHand({ target: 'portal' })
    expect(status).toBe('FAILED')
    expect(cause).toContain('TD Portal: caches cleared')
    expect(messages()).toEqual([expect.stringMatching(/TD Portal: caches cleared and verified, reported late/)])
  })

  it('with the blocks only costs the layout', async () => {
    system().slack.setFault({ mode: 'reject', status: 400, code: 'invalid_blocks', message: 'invalid_blocks', times: 1 })
    expect((await byHand({ target: 'portal' })).status).toBe('SUCCEEDED')
    expect(messages()).toEqual([expect.stringContaining('TD Portal: caches cleared')])
  })
})

describe('verified', () => {
  it('is said only with a proof for every instance and for the edge', async () => {
    const { report } = await byHand({ target: 'portal' })
    expect(report?.proof?.findings).toEqual([
      { where: portalId, url: 'https://portal.example.com/', verdict: 'fresh', evidence: 'HIT -> MISS, then HIT', cause: '' },
      {
        where: 'edge',
        url: 'https://portal.example.com/',
        verdict: 'fresh',
        evidence: 'new copy (was the old one before), MISS (LHR)',
        cause: '',
      },
    ])
    expect((await visit(system().cloudflare.edgeUrl, 'https://portal.example.com/')).body).toContain(newCopy())
  })

  it('is not said of a purge that did not start', async () => {
    await byHand({ target: 'nope' })
    expect(JSON.stringify(received())).not.toMatch(/verified/i)
  })

  it('is not said where Cloudflare accepts a purge and does nothing: it is purged twice, then the message says where and why', async () => {
    system().cloudflare.appliesPurges = false
    // A copy younger than a second cannot be told from a new one.
    await sleep(1200)
    const { status, cause } = await byHand({ target: 'portal' })
    expect(status).toBe('FAILED')
    expect(cause).toMatch(/the old copy is still served[^]*Cloudflare: \/ HIT age \d+ \(LHR\)[^]*is it the right zone/)
    expect(requests().map(({ accepted }) => accepted)).toEqual([true, true])
    expect(messages()).toEqual([expect.stringMatching(/^TD Portal: the old copy is still served/)])
  })
})

it('no secret reaches an execution, its history, a command or an instance', async () => {
  await slash('portal')
  const { execution } = await newestEnd()
  const history = JSON.stringify(execution.run.history.events)
  for (const secret of [system().signingSecret, new URL(system().slack.webhookUrl).pathname, 'local-key-for-portal'])
    expect(history).not.toContain(secret)
})
