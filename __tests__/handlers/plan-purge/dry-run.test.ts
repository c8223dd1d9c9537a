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
    const { commands } = planned()
    expect(commands.map(({ id, kind, document, parameters }) => ({ id, kind, document, parameters }))).toEqual([
      {
        id: 'inspect:w3-total-cache',
        kind: 'inspect',
        document: 'TD-InspectWordPress',
        parameters: {
          SitePath: ['/var/www/portal'],
          CachePath: ['/var/www/portal/wp-content/cache'],
          RunAs: ['ubuntu'],
          WpPath: ['/var/www/portal'],
          WpUrl: ['-'],
          Plugin: ['w3-total-cache'],
        },
      },
      {
        id: 'inspect:nginx-fastcgi',
        kind: 'inspect',
        document: 'TD-InspectNginx',
        parameters: {
          CachePath: ['/var/cache/nginx/portal'],
          NginxPidFile: ['/run/nginx.pid'],
          TrustDirectory: ['no'],
          Module: ['fastcgi'],
        },
      },
    ])
    commands.forEach((command, index) => {
      const { label, targets, deliveryTimeoutSeconds, maxPolls } = purge.commands[index]!
      expect(command).toMatchObject({ label, targets, deliveryTimeoutSeconds, maxPolls })
    })
  })

  it('looks at the pages as before a purge, and plans no purge of the edge to be proven', () => {
    const plan = planned({}, { probes })
    expect(plan.commands.map(({ id }) => id)).toEqual(['inspect:w3-total-cache', 'inspect:nginx-fastcgi', 'probe:before'])
    expect(plan).toMatchObject({
      proof: null,
      notifiesOnSuccess: true,
      preview: { probes: { urls: ['https://portal.example.com/'], hitStatuses: ['HIT'] } },
    })
  })

  it('asks the edge, and keeps what a purge would send', () => {
    expect(planned()).toMatchObject({
      edge: { check: { outcome: 'unasked' }, pending: [{ hosts: ['portal.example.com'] }] },
    })
  })

  it('says what a purge would do, in order', () => {
    expect(planned().preview?.steps).toEqual([
      { id: 'inspect:w3-total-cache', label: 'W3 Total Cache', action: 'wp w3-total-cache flush all in /var/www/portal as ubuntu' },
      { id: 'inspect:nginx-fastcgi', label: 'FastCGI', action: 'reload nginx and delete the content of /var/cache/nginx/portal' },
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
    expect(plan).toMatchObject({ mode: 'purge', preview: null, edge: { check: null } })
    expect(plan.commands.every(({ kind }) => kind === 'purge')).toBe(true)
  })

  it('that was planned before there were dry runs is still understood', () => {
    const { preview: _, edge, ...plan } = planPurge({ target: 'portal' }, aConfig())
    const { check: __, ...rest } = edge!
    expect(Plan.parse({ ...plan, edge: rest })).toMatchObject({ mode: 'purge', preview: null, edge: { check: null } })
  })
})
