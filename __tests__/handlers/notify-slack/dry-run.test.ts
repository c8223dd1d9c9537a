// The report of a dry run: what each fact means, and how it is told. What brings the facts stands in local/system/dry-run.test.ts.

import { describe, expect, it } from 'vitest'
import type { InspectOutcome } from '../../../statemachines/data/inspection.ts'
import { createHandler } from '../../../handlers/notify-slack/handler.ts'
import { type DryRunFindings, DryRunReport } from '../../../handlers/notify-slack/dry-run.ts'
import { renderDryRun } from '../../../handlers/notify-slack/dry-run-message.ts'
import type { CacheFacts } from '../../../layers/cache-facts.ts'
import type { NginxFacts } from '../../../layers/nginx-fastcgi/facts.ts'
import { judgeNginx } from '../../../layers/nginx-fastcgi/findings.ts'
import type { WordPressFacts } from '../../../layers/wordpress/facts.ts'
import { judgeWordPress } from '../../../layers/wordpress/findings.ts'
import type { Plan } from '../../../statemachines/data/plan.ts'
import { Blocks } from '../../../local/slack/blocks.ts'
import { aPlan, noon, someSecrets } from '../factories.ts'
import { eventsOf } from './history-of.ts'

const cache = { action: 'inspected', directory: 'present', reason: '', files: 2, bytes: 8192, problem: '' } as const
const nginx = (changes: Partial<NginxFacts> = {}): NginxFacts => ({
  ...cache,
  about: 'nginx',
  trusted: false,
  running: 'yes',
  config: 'valid',
  known: true,
  module: 'fastcgi',
  zones: ['/c/p'],
  keys: ['$host$request_uri'],
  openFileCache: false,
  cacheHeader: true,
  ...changes,
}) // prettier-ignore
const wordPress = (changes: Partial<WordPressFacts> = {}): WordPressFacts => ({
  ...cache,
  about: 'wordpress',
  site: true,
  wp: 'answers',
  active: true,
  command: true,
  edge: 'none',
  locked: 0,
  ...changes,
})

const ofNginx = (changes: Partial<NginxFacts>) =>
  judgeNginx(nginx(changes), { cachePath: '/c/p', pidFile: '/run/nginx.pid', module: 'fastcgi' })
const ofWordPress = (changes: Partial<WordPressFacts>, plugin: 'w3-total-cache' | 'wp-rocket') =>
  judgeWordPress(wordPress(changes), { plugin, sitePath: '/s/p', wpPath: '/s/p', cachePath: '/s/p/cache', runAs: 'ann' })
const faults = (findings: readonly { level: string; words: string }[]): string[] =>
  findings.filter(({ level }) => level !== 'ok').map(({ level, words }) => `${level}: ${words}`)
const matching = (text: string): unknown => expect.stringMatching(text)

describe('an nginx cache', () => {
  it.each<[Partial<NginxFacts>, unknown[]]>([
    [{}, []],
    [
      { directory: 'refused', reason: 'CachePath is a system directory', known: false },
      [matching('^problem: a purge would fail: CachePath is a system directory')],
    ],
    [{ directory: 'absent' }, [matching('^problem: /c/p is gone')]],
    [
      { directory: 'absent', known: false, running: 'no', config: 'unread', zones: [], keys: [] },
      [matching('^problem: /c/p does not exist'), matching('^problem: nginx does not run \\(/run/nginx.pid.*or set trustCachePath')],
    ],
    [{ known: false, zones: [] }, [matching('^problem: nginx keeps no cache in /c/p, it has no cache at all')]],
    [{ running: 'no', trusted: true }, [matching('^warning: nginx does not run .*nothing would be reloaded')]],
    [{ running: 'elsewhere' }, [matching('^problem: nginx runs, but /run/nginx.pid does not name it')]],
    [{ config: 'unasked', known: false, zones: [], keys: [] }, [matching('^problem: nginx runs in a mount namespace .*nsenter')]],
    [
      { config: 'broken', problem: 'nginx: [emerg] no', known: false, zones: [], keys: [] },
      [matching('^problem: nginx -t refuses .*\\[emerg\\] no')],
    ],
    [{ openFileCache: true }, [matching('^warning: open_file_cache is on')]],
    [{ keys: [] }, [matching('^warning: nginx has no fastcgi_cache_key')]],
    [{ keys: ['$host$request_uri', '$request_uri'] }, [matching('^warning: fastcgi_cache_key \\$request_uri does not end')]],
    [{ keys: ['$scheme$request_method$http_host$request_uri', '$server_name$request_uri'] }, []],
    [{ cacheHeader: false }, [matching('^warning: nginx sends no')]],
  ])('with %j', (changes, expected) => {
    expect(faults(ofNginx(changes))).toEqual(expected)
  })

  it.each<[NginxFacts['module'], string[], unknown[]]>([
    ['proxy', ['$host$request_uri'], []],
    ['proxy', [], [matching('^warning: proxy_cache_key \\$scheme\\$proxy_host\\$request_uri does not end')]],
    ['uwsgi', [], [matching('^warning: nginx has no uwsgi_cache_key')]],
    ['scgi', ['$request_uri'], [matching('^warning: scgi_cache_key \\$request_uri does not end')]],
  ])('of the module %s with the keys %j is judged by the directives of that module', (module, keys, expected) => {
    const facts = nginx({ module, keys })
    expect(faults(judgeNginx(facts, { cachePath: '/c/p', pidFile: '/run/nginx.pid', module }))).toEqual(expected)
  })

  it('of another module than the config says is told', () => {
    expect(faults(ofNginx({ module: 'proxy' }))).toEqual([matching('^warning: nginx has a proxy_cache_path in /c/p.*set module to proxy')])
  })
})

describe('a WordPress site', () => {
  const w3 = 'w3-total-cache'
  const rocket = 'wp-rocket'
  it.each<[typeof w3 | typeof rocket, Partial<WordPressFacts>, unknown[]]>([
    [w3, {}, []],
    [rocket, {}, []],
    [w3, { command: false, directory: 'absent' }, []],
    [w3, { site: false, wp: 'unasked' }, [matching('^problem: sitePath is not a directory')]],
    [w3, { wp: 'missing' }, [matching('^problem: wp is not on the PATH, so a purge would fail. Install')]],
    [rocket, { wp: 'missing' }, [matching('^warning: wp is not on the PATH, so a purge would only empty /s/p/cache')]],
    [w3, { wp: 'failed', problem: 'Error: x' }, [matching('^problem: wp does not work in /s/p, so a purge would fail: Error: x')]],
    [rocket, { wp: 'failed', problem: '' }, [matching('^warning: wp does not work in /s/p.*it says nothing')]],
    [w3, { wp: 'no-user', problem: 'there is no user ann' }, [matching('^problem: wp cannot run as ann: there is no user ann')]],
    [w3, { active: false }, [matching('^problem: W3 Total Cache is not active')]],
    [rocket, { active: false }, [matching('^warning: WP Rocket is not active')]],
    [rocket, { command: false }, [matching('^warning: there is no wp rocket command')]],
    [rocket, { directory: 'absent' }, [matching('^problem: /s/p/cache does not exist')]],
    [
      rocket,
      { directory: 'refused', reason: 'CachePath cannot be reached' },
      [matching('^problem: a purge would fail: CachePath cannot be reached')],
    ],
    [w3, { locked: 3 }, [matching('^problem: ann may delete nothing in 3 of')]],
    [w3, { edge: 'unknown' }, [matching('^warning: the settings of W3')]],
    [w3, { edge: 'w3tc-extension' }, [matching("^warning: W3 Total Cache's Cloudflare extension")]],
    [rocket, { edge: 'rocket-add-on' }, [matching("^warning: WP Rocket's Cloudflare add-on")]],
    [rocket, { edge: 'cloudflare-plugin' }, [matching('^warning: the Cloudflare plugin purges')]],
  ])('with %s and %j', (plugin, changes, expected) => {
    expect(faults(ofWordPress(changes, plugin))).toEqual(expected)
  })

  it('with WordPress in a directory of its own is told of that directory', () => {
    const layer = { plugin: 'w3-total-cache', sitePath: '/s/p', wpPath: '/s/p/web/wp', cachePath: '/s/p/cache', runAs: 'ann' } as const
    expect(faults(judgeWordPress(wordPress({ wp: 'failed' }), layer))).toEqual([
      matching('^problem: wp does not work in /s/p/web/wp, .*Is wpPath right'),
    ])
  })
})

const execution = {
  arn: 'arn:aws:states:eu-west-1:123456789012:execution:purgeflow:slack-portal-1',
  startedAt: new Date(noon).toISOString(),
}
const plan: Plan = aPlan({ target: 'portal', dryRun: true, source: 'slack', requester: 'U2CERLKJA' })
const inspected = (index: number, facts: Record<string, CacheFacts>, unseen: InspectOutcome['unseen'] = []): InspectOutcome => ({
  id: plan.commands[index]!.id,
  label: plan.commands[index]!.label,
  outcome: 'inspected',
  commandId: 'c',
  instances: Object.entries(facts).map(([instanceId, each]) => ({ instanceId, facts: each })),
  unseen,
})

const notify = async (
  event: unknown,
): Promise<{ report: DryRunReport; printed: string[]; posted: { text: string; blocks: unknown[] }[] }> => {
  const printed: string[] = []
  const posted: { text: string; blocks: unknown[] }[] = []
  const report = await createHandler({
    webhookParameter: '/acme/slack/webhook-url',
    readSecrets: someSecrets({ '/acme/slack/webhook-url': 'https://hooks.slack.com/services/T/B/x' }),
    readHistory: () => eventsOf([]),
    fetch: (_url, init) => {
      posted.push(JSON.parse(typeof init?.body === 'string' ? init.body : '') as { text: string; blocks: unknown[] })
      return Promise.resolve(new Response('ok'))
    },
    now: () => noon + 2500,
    print: (line) => printed.push(line),
  })(event)
  return { report: DryRunReport.parse(report), printed, posted }
}
const allowed = { ...plan, edge: { ...plan.edge!, check: { outcome: 'allowed' as const, said: 'HTTP 400: 1014' } } }

describe('the report', () => {
  it('counts no purge: no metric is printed', async () => {
    const { report, printed, posted } = await notify({
      execution,
      plan: allowed,
      layers: [inspected(0, { 'i-1': wordPress() }), inspected(1, { 'i-1': nginx() })],
    })
    expect(printed).toEqual([])
    expect(posted).toHaveLength(1)
    expect(report).toMatchObject({ dryRun: true, source: 'slack', requester: 'U2CERLKJA', seconds: 2.5, failure: null })
  })

  it('adds up what is cached on all instances, and says once what is true of several', async () => {
    const layers = [
      inspected(0, { 'i-1': wordPress(), 'i-2': wordPress(), 'i-3': wordPress({ active: false }) }),
      inspected(1, { 'i-1': nginx(), 'i-2': nginx({ files: 0, bytes: 4096 }), 'i-3': nginx({ files: 1 }) }),
    ]
    const { report } = await notify({ execution, plan: allowed, layers })
    expect(report.plan.map(({ instances, files, bytes }) => [instances, files, bytes])).toEqual([
      [3, 6, 3 * 8192],
      [3, 3, 2 * 8192],
      [null, null, null],
    ])
    expect(report.findings.filter(({ about }) => about === 'W3 Total Cache').map(({ level, where }) => [level, where])).toEqual([
      ['problem', ['i-3']],
      ['ok', ['i-1', 'i-2']],
    ])
    expect(report.text).toContain('take this layer out of the configuration (on i-3)')
  })

  it('says once of an instance that no command reached it, and does not call it reachable', async () => {
    const away = [{ instanceId: 'i-2', reason: 'the command could not be delivered' }]
    const { report } = await notify({
      execution,
      plan: allowed,
      layers: [inspected(0, { 'i-1': wordPress() }, away), inspected(1, { 'i-1': nginx() }, away)],
    })
    expect(report.outcome).toBe('problems')
    expect(report.findings.filter(({ about }) => about === 'Instances').map(({ words }) => words)).toEqual([
      matching('^i-2: the command could not be delivered'),
      matching('^i-1: found, reachable'),
    ])
  })

  it.each([
    [
      'by the machine',
      {
        execution,
        request: { target: 'portal', dryRun: true },
        failure: { Error: 'Ssm.InvalidDocumentException', Cause: 'no such document' },
      },
    ],
    [
      'by EventBridge',
      {
        'detail-type': 'Step Functions Execution Status Change',
        detail: {
          executionArn: execution.arn,
          status: 'TIMED_OUT',
          startDate: noon,
          stopDate: noon + 1,
          input: '{"target":"portal","dryRun":true}',
        },
      },
    ],
  ])('of a dry run that failed, told %s, says that nothing was deleted', async (_, event) => {
    const { report, printed } = await notify(event)
    expect(report).toMatchObject({ outcome: 'failed', plan: [], findings: [], failure: expect.any(String) as string })
    expect(report.text).toMatch(/^purgeflow: dry run failed, nothing was deleted\nThe dry run did not come to an end\.\nReason: /)
    expect(printed).toEqual([])
  })
})

describe('the message', () => {
  const nasty = '<!channel> & <@U1> '.repeat(40)
  const many = (count: number): DryRunFindings => ({
    dryRun: true,
    outcome: 'problems',
    target: { id: 'x', label: '&'.repeat(60) },
    source: 'slack',
    requester: '<'.repeat(100),
    plan: Array.from({ length: 10 }, () => ({ label: nasty, action: nasty, instances: 3, files: 1, bytes: 1 })),
    findings: Array.from({ length: count }, () => ({
      level: 'problem',
      about: nasty,
      where: Array.from({ length: 50 }, (_, index) => `i-${index}`),
      words: nasty,
    })),
    failure: '`'.repeat(10_000),
    seconds: 1,
    executionArn: execution.arn,
  })

  it.each([0, 1, 29, 30, 31, 500])('fits in the limits of Block Kit with %i findings, and mentions nobody', (count) => {
    const { payload } = renderDryRun(many(count))
    expect(Blocks.safeParse(payload.blocks).error).toBeUndefined()
    expect(payload.blocks.length).toBeLessThanOrEqual(50)
    expect(payload.text.length).toBeLessThanOrEqual(3000)
    expect(JSON.stringify(payload.blocks.slice(1, -1))).not.toMatch(/<[!@]/)
    expect(JSON.stringify(payload.blocks).includes('more finding')).toBe(count > 30)
  })

  it.each([
    ['ready', [], 'A purge would go through as planned.'],
    ['warnings', ['warning', 'ok'], 'A purge would go through, but read on: 1 warning.'],
    ['problems', ['problem', 'problem', 'warning'], 'A purge would fail or leave old copies: 2 problems, 1 warning.'],
  ] as const)('concludes from %s', (outcome, levels, words) => {
    const findings = levels.map((level) => ({ level, about: 'x', where: [], words: 'x' }))
    expect(renderDryRun({ ...many(0), outcome, findings, failure: null }).summary.split('\n')[1]).toBe(words)
  })
})
