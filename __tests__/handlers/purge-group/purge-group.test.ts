import { describe, expect, it } from 'vitest'
import { planPurge } from '../../../handlers/plan-purge/core.ts'
import { afterTurn, endingOf } from '../../../handlers/purge-group/core.ts'
import { createHandler, type Deps } from '../../../handlers/purge-group/handler.ts'
import type { Plan } from '../../../statemachines/data/plan.ts'
import { aConfig } from '../../config/a-config.ts'
import { rejectionOf } from '../factories.ts'

const config = aConfig({ groups: { all: ['portal', 'main'] } })
const plan = (changes: object = {}) => planPurge({ target: 'all', requester: 'ann', ...changes }, config)
const execution = { arn: 'arn:aws:states:us-east-1:123456789012:execution:acme-purge:x' }

const run = async (given: Plan, deps: Partial<Deps> = {}): Promise<{ plan: Plan; started: string[][] }> => {
  const started: string[][] = []
  const handler = createHandler({
    start: (region, name, input) => {
      started.push([region, name, input])
      return Promise.resolve(`arn:${region}:${name}`)
    },
    describe: () => Promise.resolve({ status: 'RUNNING', output: undefined, error: undefined, cause: undefined }),
    ...deps,
  })
  return { plan: await handler({ plan: given, execution, request: {} }), started }
}

describe('the plan of a group', () => {
  it('has a member for each target, in its region, and touches nothing itself', () => {
    expect(plan()).toMatchObject({
      mode: 'group',
      target: { id: 'all' },
      commands: [],
      edge: null,
      group: {
        status: 'running',
        members: [
          { id: 'portal', region: 'us-east-1' },
          { id: 'main', region: 'eu-west-1' },
        ],
      },
    })
  })

  it.each([
    [{ urls: ['https://a.example.com/x'] }, 'urls and prefixes are of one target'],
    [{ group: { share: 1 } }, 'a group starts no groups'],
  ])('is refused with %j', async (changes, words) => {
    const error = await rejectionOf(Promise.resolve().then(() => plan(changes)))
    expect(error.name).toBe('InvalidRequest')
    expect(error.message).toContain(words)
  })
})

describe('a turn', () => {
  it('starts every target once, under a name that a retry gives again', async () => {
    const [one, again] = [await run(plan()), await run(plan())]
    expect(one.started).toEqual(again.started)
    expect(one.started.map(([region]) => region)).toEqual(['us-east-1', 'eu-west-1'])
    expect(JSON.parse(one.started[0]![2]!)).toEqual({
      target: 'portal',
      source: 'manual',
      requester: 'ann',
      group: { share: 1, members: ['portal', 'main'] },
    })
    for (const [, name] of one.started) expect(name).toMatch(/^group-[a-z0-9-]{1,32}-[0-9a-f]{32}$/)
    expect((await run(one.plan)).started).toEqual([])
    expect(one.plan.group).toMatchObject({ status: 'running', turns: 1, waitSeconds: 3 })
  })

  it('hands a dry run on', async () => {
    const { started } = await run(plan({ dryRun: true }))
    expect(JSON.parse(started[0]![2]!)).toMatchObject({ dryRun: true })
  })

  it('leaves each zone its share of what Cloudflare takes', () => {
    const targets = aConfig().targets.map((target) => ({
      ...target,
      edge: { ...aConfig().targets[0]!.edge!, zoneId: target.id.padEnd(32, '0') },
    }))
    const group = planPurge({ target: 'portal main' }, { ...aConfig(), targets }).group!
    expect(group.share).toBe(1 / 2)
    expect(planPurge({ target: 'portal', group: { share: group.share } }, aConfig()).edge?.share).toBe(1 / 2)
  })

  it('asks no more of what has ended', async () => {
    const first = await run(plan())
    const ended = await run(first.plan, {
      describe: (region) =>
        Promise.resolve(
          region === 'us-east-1'
            ? { status: 'SUCCEEDED', output: '{"verdict": "verified", "text": "Portal: well\\nmore"}', error: undefined, cause: undefined }
            : { status: 'RUNNING', output: undefined, error: undefined, cause: undefined },
        ),
    })
    expect(ended.plan.group).toMatchObject({
      status: 'running',
      members: [{ ending: { verdict: 'verified', said: 'Portal: well' } }, { ending: null }],
    })
    const asked: string[] = []
    const last = await run(ended.plan, {
      describe: (region) => {
        asked.push(region)
        return Promise.resolve({ status: 'FAILED', output: undefined, error: 'PurgeFailed', cause: 'Main: purge failed\nReason: no disk' })
      },
    })
    expect(asked).toEqual(['eu-west-1'])
    expect(last.plan.group).toMatchObject({ status: 'failed', members: [{}, { ending: { said: 'Main: purge failed (no disk)' } }] })
  })
})

describe('an ending', () => {
  const member = { label: 'Portal' }
  const described = (status: string, changes: object = {}) => ({
    status,
    output: undefined,
    error: undefined,
    cause: undefined,
    ...changes,
  })

  it.each([
    [described('RUNNING'), null],
    [described('SUCCEEDED', { output: '{"text": "Portal: dry run"}' }), { verdict: 'done', said: 'Portal: dry run' }],
    [described('SUCCEEDED', { output: 'nonsense' }), { verdict: 'done', said: 'Portal: ended, and left no report' }],
    [described('ABORTED'), { verdict: 'failed', said: 'Portal: its execution ended as ABORTED' }],
    [described('FAILED', { error: 'NotifyFailed' }), { verdict: 'failed', said: 'Portal: its execution ended as FAILED (NotifyFailed)' }],
  ])('of %j is %j', (given, expected) => {
    expect(endingOf(member, given)).toEqual(expected)
  })

  it('that does not come is given up, so that every group ends', () => {
    let group = plan().group!
    for (let turn = 0; group.status === 'running' && turn < 5000; turn += 1) group = afterTurn(group, group.members)
    expect(group.status).toBe('failed')
    expect(group.turns * 11).toBeLessThan(25_000)
    expect(group.members[0]?.ending?.said).toBe('TD Portal: still runs, and is no longer waited for')
  })
})
