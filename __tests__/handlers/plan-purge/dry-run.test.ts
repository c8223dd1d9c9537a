import { describe, expect, it } from 'vitest'
import { planPurge } from '../../../handlers/plan-purge/core.ts'
import { Plan } from '../../../statemachines/data/plan.ts'
import { aConfig, aTarget, type TargetInput } from '../../config/a-config.ts'

const probes = { urls: ['https://portal.example.com'], hitStatuses: ['HIT'] }
const planned = (request: object = {}, changes: Partial<TargetInput> = {}): Plan =>
  planPurge({ target: 'portal', dryRun: true, ...request }, aConfig({ targets: [aTarget(changes), aTarget({ id: 'other' })] }))

describe('the plan of a dry run', () => {
  it('sends no command that purges: every layer is looked at, where and as it would be purged', () => {
    const purge = planPurge({ target: 'portal' }, aConfig())
    const { layers } = planned()
    expect(layers.map(({ id, purpose, document, parameters }) => ({ id, purpose, document, parameters }))).toEqual([
      {
        id: 'inspect:w3-total-cache',
        purpose: 'inspect',
        document: 'TD-InspectWordPress',
        parameters: {
          SitePath: ['/var/www/portal'],
          CachePath: ['/var/www/portal/wp-content/cache'],
          RunAs: ['ubuntu'],
          Plugin: ['w3-total-cache'],
        },
      },
      {
        id: 'inspect:nginx-fastcgi',
        purpose: 'inspect',
        document: 'TD-InspectNginx',
        parameters: { CachePath: ['/var/cache/nginx/portal'], NginxPidFile: ['/run/nginx.pid'] },
      },
    ])
    layers.forEach((layer, index) => {
      const { label, targets, deliveryTimeoutSeconds, maxPolls } = purge.layers[index]!
      expect(layer).toMatchObject({ label, targets, deliveryTimeoutSeconds, maxPolls })
    })
  })

  it('looks at the pages as before a purge, and plans no purge of the edge to be proven', () => {
    const plan = planned({}, { probes })
    expect(plan.layers.map(({ id }) => id)).toEqual(['inspect:w3-total-cache', 'inspect:nginx-fastcgi', 'probe:before'])
    expect(plan).toMatchObject({
      hasProbes: false,
      proof: null,
      notify: 'always',
      dryRun: { probes: { urls: ['https://portal.example.com/'], hitStatuses: ['HIT'] } },
    })
  })

  it('asks the edge, and keeps what a purge would send', () => {
    expect(planned()).toMatchObject({
      hasEdge: true,
      edge: { check: { outcome: 'unasked' }, pending: [{ hosts: ['portal.example.com'] }] },
    })
  })

  it('says what a purge would do, in order', () => {
    expect(planned().dryRun?.steps).toEqual([
      { id: 'inspect:w3-total-cache', label: 'W3 Total Cache', would: 'wp w3-total-cache flush all in /var/www/portal as ubuntu' },
      { id: 'inspect:nginx-fastcgi', label: 'FastCGI', would: 'reload nginx and delete the content of /var/cache/nginx/portal' },
    ])
  })

  it('survives JSON and its own schema, and its comments fit for the longest ids', () => {
    const layers = [{ kind: 'nginx-fastcgi' as const, id: 'l'.repeat(32), cachePath: '/var/cache/nginx/x' }]
    const plan = planPurge(
      { target: 't'.repeat(32), dryRun: true },
      aConfig({ targets: [aTarget({ id: 't'.repeat(32), layers, probes })] }),
    )
    expect(Plan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan)
  })

  it.each([
    { source: 's3', urls: ['https://assets.example.com/a'] },
    { urls: ['https://assets.example.com/a'] },
    { prefixes: [] },
    { source: 's3' },
  ])('is refused for assets: %j', (request) => {
    expect(() => planned(request)).toThrow(/a dry run looks at a target, and takes no urls and no prefixes/)
  })
})

describe('a purge', () => {
  it.each([{}, { dryRun: false }])('is planned from %j', (request) => {
    const plan = planPurge({ target: 'portal', ...request }, aConfig())
    expect(plan).toMatchObject({ dryRun: null, edge: { check: null } })
    expect(plan.layers.every(({ purpose }) => purpose === 'purge')).toBe(true)
  })

  it('that was planned before there were dry runs is still understood', () => {
    const { dryRun: _, edge, ...plan } = planPurge({ target: 'portal' }, aConfig())
    const { check: __, ...rest } = edge!
    expect(Plan.parse({ ...plan, edge: rest })).toMatchObject({ dryRun: null, edge: { check: null } })
  })
})
