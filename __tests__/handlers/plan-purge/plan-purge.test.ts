import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../config/load.ts'
import { watchSeconds } from '../../../config/polling.ts'
import type { Config } from '../../../config/schema.ts'
import shipped from '../../targets.ts'
import { createHandler } from '../../../handlers/plan-purge/handler.ts'
import { planPurge } from '../../../handlers/plan-purge/core.ts'
import { Plan } from '../../../statemachines/data/plan.ts'
import { everyLayerKind } from '../../../layers/kinds.ts'
import { fakeOf } from '../../../local/instance/fakes.ts'
import { documents } from '../../../ssm/documents.ts'
import { renderDocument } from '../../../ssm/render.ts'
import { aConfig, anEdge, aTarget, type EdgeInput } from '../../config/a-config.ts'
import { aPlan, rejectionOf } from '../factories.ts'

const planEdge = (changes: Partial<EdgeInput>) =>
  planPurge({ target: 'portal' }, aConfig({ targets: [aTarget({ edge: anEdge(changes) })] })).edge!

describe('a request that cannot be planned', () => {
  it.each<unknown>([
    undefined,
    null,
    3,
    true,
    '',
    'portal',
    [],
    ['portal'],
    {},
    { target: null },
    { target: 3 },
    { target: ['portal'] },
    { target: { id: 'portal' } },
    { Target: 'portal' },
    { target: 'portal', dryrun: true },
    { target: 'portal', dryRun: 'true' },
    { target: 'portal', dryRun: true, source: 's3' },
    { target: 'portal', source: 's3' },
    { target: 'portal', requester: '' },
    { target: 'portal', requester: '  ' },
    { target: 'portal', requester: 'x'.repeat(101) },
    { target: 'portal', requester: 7 },
    { target: 'protal' },
    { target: '' },
    { target: 'PORTAL' },
    { target: 'portal ' },
    { target: '__proto__' },
  ])('%j is an InvalidRequest that names the valid targets', async (request) => {
    const error = await rejectionOf(createHandler({ config: aConfig() })(request))
    expect(error.name).toBe('InvalidRequest')
    expect(error.message).toMatch(/Start the execution with \{"target": "portal"\}\. Valid targets: portal, main\.$/)
  })

  it('is quoted, but not at any length', () => {
    expect(() => planPurge({ target: 'protal' }, aConfig())).toThrow('Unknown target "protal".')
    for (const request of ['x'.repeat(100_000), { target: 'x'.repeat(100_000) }, { ['x'.repeat(100_000)]: 1, target: 'portal' }]) {
      const [error] = [() => planPurge(request, aConfig())].map((run) => {
        try {
          run()
          return undefined
        } catch (thrown) {
          return thrown as Error
        }
      })
      expect(error?.name).toBe('InvalidRequest')
      expect(error?.message.length).toBeLessThan(2000)
    }
  })

  it('has its wrong keys named', () => {
    expect(() => planPurge({ target: 'portal', dry: true, requester: 7 }, aConfig())).toThrow(
      /requester: .*; input: Unrecognized key: "dry"/,
    )
  })
})

describe('the plan', () => {
  it('needs no more than a target, and is then by hand and by nobody', () => {
    expect(aPlan()).toMatchObject({ target: { id: 'portal', label: 'TD Portal', region: 'us-east-1' }, source: 'manual', requester: null })
  })

  it('keeps who asked and by which door', () => {
    expect(aPlan({ target: 'main', source: 'slack', requester: ' U2CERLKJA ' })).toMatchObject({ source: 'slack', requester: 'U2CERLKJA' })
  })

  it('has one layer a cache, in the order of the config, for the instances of the target', () => {
    expect(
      aPlan().commands.map(({ id, label, document, targets, parameters, comment }) => ({
        id,
        label,
        document,
        targets,
        parameters,
        comment,
      })),
    ).toEqual([
      {
        id: 'w3-total-cache',
        label: 'W3 Total Cache',
        document: 'TD-PurgeW3',
        targets: [{ Key: 'InstanceIds', Values: ['i-0a1b2c3d4e5f60718'] }],
        parameters: { SitePath: ['/var/www/portal'], RunAs: ['ubuntu'], WpPath: ['/var/www/portal'], WpUrl: ['-'] },
        comment: 'purgeflow portal: w3-total-cache',
      },
      {
        id: 'nginx-fastcgi',
        label: 'FastCGI',
        document: 'TD-PurgeFastCGI',
        targets: [{ Key: 'InstanceIds', Values: ['i-0a1b2c3d4e5f60718'] }],
        parameters: { CachePath: ['/var/cache/nginx/portal'], NginxPidFile: ['/run/nginx.pid'], TrustDirectory: ['no'] },
        comment: 'purgeflow portal: nginx-fastcgi',
      },
    ])
    expect(aPlan({ target: 'main' }).commands[0]?.targets).toEqual([{ Key: 'tag:Site', Values: ['main'] }])
  })

  it('gives a layer the id of its own', () => {
    const layers = [{ kind: 'nginx-fastcgi' as const, id: 'pages', cachePath: '/var/cache/nginx/pages' }]
    expect(planPurge({ target: 'portal' }, aConfig({ targets: [aTarget({ layers })] })).commands[0]).toMatchObject({
      id: 'pages',
      label: 'FastCGI (pages)',
    })
  })

  it("polls for longer than both of Run Command's time-outs", () => {
    for (const commands of [
      { documentPrefix: 'TD-' },
      { documentPrefix: 'TD-', deliveryTimeoutSeconds: 600, executionTimeoutSeconds: 900, pollSeconds: 7 },
    ]) {
      const config = aConfig({ commands })
      for (const { waits, maxPolls, deliveryTimeoutSeconds } of planPurge({ target: 'portal' }, config).commands) {
        expect(waits).toHaveLength(maxPolls - 1)
        expect(waits.reduce((sum, wait) => sum + wait) + maxPolls * watchSeconds).toBeGreaterThan(
          deliveryTimeoutSeconds + config.commands.executionTimeoutSeconds,
        )
      }
    }
  })

  it('has no edge where the target has none', () => {
    expect(aPlan({ target: 'main' })).toMatchObject({ edge: null })
  })

  it('holds its comment to the 100 characters of Send Command for the longest ids', () => {
    const layers = [{ kind: 'nginx-fastcgi' as const, id: 'l'.repeat(32), cachePath: '/var/cache/nginx/x' }]
    const plan = planPurge({ target: 't'.repeat(32) }, aConfig({ targets: [aTarget({ id: 't'.repeat(32), layers })] }))
    expect(() => Plan.parse(plan)).not.toThrow()
  })
})

describe('the edge of a plan', () => {
  it.each<[EdgeInput['purge'], unknown[]]>([
    [{ what: 'everything' }, [{ purge_everything: true }]],
    [
      { what: 'hosts', hosts: ['a.example.com', 'b.example.com', 'c.example.com'] },
      [{ hosts: ['a.example.com', 'b.example.com'] }, { hosts: ['c.example.com'] }],
    ],
    [{ what: 'prefixes', prefixes: ['a.example.com/x', 'a.example.com/y'] }, [{ prefixes: ['a.example.com/x', 'a.example.com/y'] }]],
    [{ what: 'files', files: ['https://a.example.com/1'] }, [{ files: ['https://a.example.com/1'] }]],
  ])('becomes the bodies of its requests: %j', (purge, pending) => {
    expect(planEdge({ purge, batchSize: 2 })).toMatchObject({ status: 'pending', pending, accepted: [], turns: 0 })
  })

  it('keeps every item, in order, in batches no larger than configured', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 2, max: 100 }), (count, batchSize) => {
        const files = Array.from({ length: count }, (_, index) => `https://www.example.com/${index}`)
        const batches = planEdge({ purge: { what: 'files', files }, batchSize }).pending.map((body) => ('files' in body ? body.files : []))
        expect(batches.flat()).toEqual(files)
        expect(batches.slice(0, -1).every(({ length }) => length === batchSize)).toBe(true)
        expect(batches.at(-1)!.length).toBeGreaterThan(0)
        expect(batches.at(-1)!.length).toBeLessThanOrEqual(batchSize)
      }),
      { numRuns: 30 },
    )
  })

  it('holds the name of a secret, not the secret', () => {
    expect(planEdge({ credentials: { kind: 'global-key', parameter: '/acme/key', email: 'ops@example.com' } }).credentials).toEqual({
      kind: 'global-key',
      parameter: '/acme/key',
      email: 'ops@example.com',
    })
  })
})

it.each([
  ['fastcgi', 'FastCGI'],
  ['proxy', 'Proxy cache'],
  ['uwsgi', 'uWSGI cache'],
  ['scgi', 'SCGI cache'],
] as const)('a layer of the module %s is called %s', (module, label) => {
  const layers = [{ kind: 'nginx-fastcgi' as const, cachePath: '/var/cache/nginx/x', module }]
  const { commands } = planPurge({ target: 'portal' }, aConfig({ targets: [aTarget({ layers })] }))
  expect(commands.find(({ kind }) => kind === 'purge')?.label).toBe(label)
})

describe('the probes of a plan', () => {
  const findsFiles = (dryRun: boolean) =>
    Object.fromEntries(
      planPurge({ target: 'portal', dryRun }, loadConfig(shipped))
        .commands.filter(({ kind }) => kind === 'probe')
        .map(({ id, parameters }) => [id, parameters['FindFiles']]),
    )

  it('look for cache files only after the purge, when there are few', () => {
    expect(findsFiles(false)).toEqual({ 'probe:before': ['no'], 'probe:after': ['yes'] })
    expect(findsFiles(true)).toEqual({ 'probe:before': ['no'] })
  })
})

describe('the documents', () => {
  const layersOf = (config: Config) =>
    config.targets.flatMap(({ id }) => [false, true].flatMap((dryRun) => planPurge({ target: id, dryRun }, config).commands))
  const everyKind = aConfig({ targets: everyLayerKind.map((kind) => aTarget({ id: kind, layers: [fakeOf(kind).example] })) })
  const layers = [...layersOf(everyKind), ...layersOf(aConfig()), ...layersOf(loadConfig(shipped))]

  it('of a plan with every kind of layer, and with probes, are those of ssm/, all of them', () => {
    expect(new Set(layers.map(({ document }) => document))).toEqual(new Set(documents.map(({ name }) => `TD-${name}`)))
  })

  it.each(layers.map((layer) => ({ layer, name: layer.comment })))(
    'declare every parameter that $name gives, accept its value and need no other',
    ({ layer }) => {
      const { id } = documents.find(({ name }) => layer.document.endsWith(name))!
      const declared = renderDocument(id, { executionTimeoutSeconds: 300 }).parameters
      for (const [name, values] of Object.entries(layer.parameters)) {
        expect(values).toHaveLength(1)
        expect(values[0]).toMatch(new RegExp(declared[name]?.allowedPattern ?? '(?!)'))
        expect(values[0]!.length).toBeLessThanOrEqual(declared[name]!.maxChars)
      }
      const required = Object.entries(declared).flatMap(([name, parameter]) => (parameter.default === undefined ? [name] : []))
      expect(Object.keys(layer.parameters)).toEqual(expect.arrayContaining(required))
    },
  )
})

describe('the handler', () => {
  it('gives a plan that survives JSON and its own schema', async () => {
    const plan = await createHandler({ config: aConfig() })({ target: 'portal', source: 'slack', requester: 'U2CERLKJA' })
    expect(Plan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan)
  })

  it('gives no plan with a secret or with the name of a person to an instance', async () => {
    const plan = await createHandler({ config: aConfig() })({ target: 'portal', requester: 'ann@example.com' })
    expect(JSON.stringify(plan.commands)).not.toMatch(/ann@|slack|cloudflare|webhook/i)
  })
})
