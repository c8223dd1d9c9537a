// One definition, two engines that share no code: the same outcome, the same tasks in the same order.
// What both agree on can be expected of AWS; what they disagree about must not be in the definition.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { onTestsFinished } from '../deploy/closing.ts'
import { runOn, type Engine, type Outcome } from './engine.ts'
import { startLocalEngine } from './local-engine.ts'
import { startMotoEngine } from './moto-engine.ts'
import { bundles } from './surroundings.ts'

interface Scenario {
  readonly name: string
  readonly input?: unknown
  readonly arrange?: (engine: Engine) => unknown
  readonly expected: Omit<Partial<Outcome>, 'message' | 'said'> & { readonly said: string }
}

const layer = ['Send Command', 'Get Command Status', 'Confirm Command']
const edge = ['Purge Cloudflare']
const failed = { status: 'FAILED', error: 'PurgeFailed' }
const remove = (path: string) => (engine: Engine) => Promise.all(engine.instances.map(({ root }) => rm(join(root, path))))

const scenarios: readonly Scenario[] = [
  {
    name: 'a purge that succeeds',
    expected: { status: 'SUCCEEDED', said: 'caches cleared', tasks: ['Plan Purge', ...layer, ...layer, ...edge, 'Notify Slack'] },
  },
  {
    name: 'a purge that is proven',
    input: { target: 'proven' },
    arrange: ({ visit }) => visit(),
    expected: {
      status: 'SUCCEEDED',
      said: 'caches cleared and verified',
      tasks: ['Plan Purge', 'Probe Edge Before', ...layer, ...layer, ...layer, ...layer, ...edge, 'Probe Edge', 'Notify Slack'],
    },
  },
  {
    name: 'a purge that Cloudflare accepts, and does not do',
    input: { target: 'proven' },
    arrange: async ({ cloudflare, visit }) => {
      cloudflare.appliesPurges = false
      await visit()
      // A copy younger than a second cannot be told from a new one.
      await sleep(1200)
    },
    expected: {
      ...failed,
      said: 'the old copy is still served',
      tasks: [
        'Plan Purge',
        'Probe Edge Before',
        ...layer,
        ...layer,
        ...layer,
        ...layer,
        ...edge,
        'Probe Edge',
        ...edge,
        'Probe Edge',
        'Notify Stale',
      ],
    },
  },
  {
    name: 'the first layer fails',
    arrange: remove('var/www/portal/wp-config.php'),
    expected: {
      ...failed,
      said: 'FastCGI: not touched',
      tasks: ['Plan Purge', ...layer, 'Confirm Command: LayerFailed', 'Notify Failure'],
    },
  },
  {
    name: 'the second layer fails',
    arrange: remove('etc/nginx/nginx.conf'),
    expected: {
      ...failed,
      said: 'Cloudflare: not touched',
      tasks: ['Plan Purge', ...layer, ...layer, 'Confirm Command: LayerFailed', 'Notify Failure'],
    },
  },
  {
    name: 'an instance cannot be reached',
    arrange: ({ instances }) => {
      instances.forEach((instance) => {
        instance.state = 'undeliverable'
      })
    },
    expected: {
      ...failed,
      said: 'could not be delivered',
      tasks: ['Plan Purge', ...layer, 'Confirm Command: LayerFailed', 'Notify Failure'],
    },
  },
  {
    name: 'Systems Manager throttles',
    arrange: ({ faults }) => {
      faults.throttle['SendCommand'] = 1
    },
    expected: {
      status: 'SUCCEEDED',
      said: 'caches cleared',
      tasks: ['Plan Purge', 'Send Command', 'Send Command: Ssm.ThrottlingException', ...layer, ...layer, ...edge, 'Notify Slack'],
    },
  },
  {
    name: 'Run Command does not show a new command at once',
    arrange: ({ faults }) => {
      faults.emptyLists = 1
    },
    expected: { status: 'SUCCEEDED', said: 'caches cleared', tasks: ['Plan Purge', ...layer, ...layer, ...edge, 'Notify Slack'] },
  },
  {
    name: 'the target is unknown',
    input: { target: 'nowhere' },
    expected: { ...failed, said: 'Unknown target "nowhere"', tasks: ['Plan Purge', 'Plan Purge: InvalidRequest', 'Notify Failure'] },
  },
  {
    name: 'the input is no request at all',
    input: 'portal',
    expected: { ...failed, said: 'is not a purge request', tasks: ['Plan Purge', 'Plan Purge: InvalidRequest', 'Notify Failure'] },
  },
  {
    name: 'the edge throttles',
    arrange: ({ cloudflare }) => {
      cloudflare.setFault({ mode: 'throttle', retryAfter: 1, times: 2 })
    },
    expected: {
      status: 'SUCCEEDED',
      said: 'caches cleared',
      tasks: ['Plan Purge', ...layer, ...layer, ...edge, ...edge, ...edge, 'Notify Slack'],
    },
  },
  {
    name: 'the edge refuses',
    arrange: ({ cloudflare }) => {
      cloudflare.setFault({ mode: 'reject', status: 403, code: 10000, message: 'Authentication error' })
    },
    expected: {
      ...failed,
      said: 'Cloudflare: failed',
      tasks: ['Plan Purge', ...layer, ...layer, ...edge, 'Purge Cloudflare: EdgeRejected', 'Notify Failure'],
    },
  },
  {
    name: 'a dry run',
    input: { target: 'portal', dryRun: true },
    expected: {
      status: 'SUCCEEDED',
      said: 'dry run, nothing was deleted',
      tasks: ['Plan Purge', ...layer, ...layer, ...edge, 'Notify Slack'],
    },
  },
  {
    name: 'a dry run of an instance that cannot be reached',
    input: { target: 'portal', dryRun: true },
    arrange: ({ instances }) => {
      instances.forEach((instance) => {
        instance.state = 'undeliverable'
      })
    },
    expected: { status: 'SUCCEEDED', said: 'could not be delivered', tasks: ['Plan Purge', ...layer, ...layer, ...edge, 'Notify Slack'] },
  },
  {
    name: 'Slack refuses the report',
    arrange: ({ slack }) => {
      slack.setFault({ mode: 'reject', status: 404, code: 'no_service' })
    },
    expected: {
      status: 'FAILED',
      error: 'NotifyFailed',
      said: 'no_service',
      tasks: ['Plan Purge', ...layer, ...layer, ...edge, 'Notify Slack', 'Notify Slack: SlackRejected'],
    },
  },
]

let engines: Readonly<Record<'local' | 'moto', Engine>>

beforeAll(async () => {
  const { bundleDir, remove: removeBundles } = await bundles()
  onTestsFinished(removeBundles)
  const local = await startLocalEngine(bundleDir)
  onTestsFinished(() => local.close())
  const moto = await startMotoEngine(bundleDir)
  onTestsFinished(() => moto.close())
  engines = { local, moto }
})

beforeEach(async () => {
  for (const engine of Object.values(engines)) {
    await engine.restore()
    engine.cloudflare.setFault({ mode: 'ok' })
    engine.cloudflare.appliesPurges = true
    engine.slack.setFault({ mode: 'ok' })
    engine.faults.emptyLists = 0
    for (const action of Object.keys(engine.faults.throttle)) engine.faults.throttle[action] = 0
  }
})

describe.each(scenarios)('$name', ({ input = { target: 'portal' }, arrange, expected: { said, ...expected } }) => {
  it('ends alike on both engines, after the same tasks', async () => {
    const runs = Object.entries(engines).map(async ([name, engine]): Promise<[string, Outcome]> => {
      await arrange?.(engine)
      return [name, await runOn(engine, input)]
    })
    const { local, moto } = Object.fromEntries(await Promise.all(runs)) as Record<'local' | 'moto', Outcome>
    expect(local).toMatchObject(expected)
    expect(local.said).toContain(said)
    expect(moto).toEqual(local)
  })
})
