import { describe, expect, it } from 'vitest'
import { commandWords } from '../../config/command-words.ts'
import { maxPolls, pollWaits, watchSeconds } from '../../config/polling.ts'
import type { ConfigInput } from '../../config/schema.ts'
import { aConfig, aConfigInput, anEdge, anEdgelessTarget, aTarget, type EdgeInput, errorsOf, type TargetInput } from './a-config.ts'

type LayerInput = NonNullable<TargetInput['layers']>[number]

const w3: LayerInput = { kind: 'w3-total-cache', sitePath: '/var/www/portal', runAs: 'ubuntu' }
const rocket: LayerInput = {
  kind: 'wp-rocket',
  sitePath: '/var/www/main',
  cachePath: '/var/www/main/wp-content/cache/wp-rocket',
  runAs: 'ubuntu',
}
const fastcgi: LayerInput = { kind: 'nginx-fastcgi', cachePath: '/var/cache/nginx/portal' }

const errorsOfTarget = (changes: Record<string, unknown>): string[] =>
  errorsOf({ ...aConfigInput(), targets: [{ ...aTarget(), ...changes }] })
const errorsOfLayers = (...layers: unknown[]): string[] => errorsOfTarget({ layers })
const errorsOfEdge = (changes: Record<string, unknown>): string[] => errorsOfTarget({ edge: { ...anEdge(), ...changes } })

describe('a WordPress site', () => {
  it.each([w3, rocket])('may be one of a network, and have WordPress in a directory of its own: $kind', (layer) => {
    for (const wpUrl of ['https://www.example.com', 'http://example.com:8080/shop/', 'https://example.com/a/b-c_d'])
      expect(errorsOfLayers({ ...layer, wpUrl, wpPath: '/var/www/portal/web/wp' })).toEqual([])
  })

  it.each(['www.example.com', 'ftp://x.de/', 'https://x.de/?a=b', 'https://x.de/#a', 'https://x.de//', 'https://x y/', '', '-'])(
    'is not named %j',
    (wpUrl) => {
      expect(errorsOfLayers({ ...w3, wpUrl })).toEqual([expect.stringMatching(/wpUrl: .* does not look like the URL of a site/)])
    },
  )

  it.each(['web/wp', '/', '/var/www/../x'])('has WordPress in no path like %j', (wpPath) => {
    expect(errorsOfLayers({ ...w3, wpPath })).toEqual([expect.stringMatching(/wpPath: /)])
  })
})

describe('the order of layers', () => {
  it.each([
    ['page cache, then FastCGI', [w3, fastcgi]],
    ['two page caches in any order', [rocket, w3, fastcgi]],
    ['FastCGI alone', [fastcgi]],
    ['two FastCGI caches with ids of their own', [w3, { ...fastcgi, id: 'pages' }, { ...fastcgi, id: 'feeds' }]],
  ])('is fine as %s', (_name, layers) => {
    expect(errorsOfLayers(...layers)).toEqual([])
  })

  it('is refused where an outer cache comes first', () => {
    expect(errorsOfLayers(fastcgi, w3)).toEqual([
      'targets.portal.layers[1]: w3-total-cache lies inside nginx-fastcgi and must come before it: layers are purged inside out',
    ])
  })

  it('is refused also where the layers have ids of their own', () => {
    expect(errorsOfLayers({ ...fastcgi, id: 'a' }, { ...rocket, id: 'b' }, { ...fastcgi, id: 'c' })).toEqual([
      expect.stringMatching(/layers\[1\]: wp-rocket lies inside/),
    ])
  })

  it('is still checked beside a broken layer', () => {
    expect(errorsOfLayers(fastcgi, { ...w3, runAs: '' })).toEqual([expect.stringMatching(/runAs/), expect.stringMatching(/inside out/)])
  })
})

describe('names', () => {
  it('are reported once where three layers share one', () => {
    expect(errorsOfLayers(fastcgi, fastcgi, fastcgi)).toEqual([
      'targets.portal.layers: two layers are called nginx-fastcgi: give each an id of its own',
    ])
  })

  it("of a layer may not be another layer's kind", () => {
    expect(errorsOfLayers({ ...w3, id: 'nginx-fastcgi' }, fastcgi)).toEqual([expect.stringMatching(/two layers are called nginx-fastcgi/)])
  })

  it.each(commandWords)('of a target may not be %s, which the slash command takes for a command', (word) => {
    expect(errorsOfTarget({ id: word })).toEqual([
      `targets.${word}.id: "${word}" is a word of the slash command (help, list): give the target another id`,
    ])
  })

  it('of targets are unique', () => {
    expect(errorsOf(aConfigInput({ targets: [aTarget(), aTarget(), anEdgelessTarget(), aTarget()] }))).toEqual([
      'targets: two targets are called portal',
    ])
  })

  it.each(['Portal', 'por tal', '1portal', '', 'a'.repeat(33), 'portal!', 'pörtal'])('of a target are ids: %j is refused', (id) => {
    expect(errorsOfTarget({ id })).toEqual([expect.stringMatching(/^targets\[0\]\.id: .*does not look like an id/)])
  })
})

describe('the number of', () => {
  it.each([
    ['layers', { layers: [] }],
    ['layers', { layers: Array.from({ length: 9 }, (_, index) => ({ ...fastcgi, id: `l${index}` })) }],
    ['instances', { instances: { ids: [] } }],
    ['instances', { instances: { ids: Array.from({ length: 101 }, () => 'i-0a1b2c3d4e5f60718') } }],
    ['instances', { instances: { tag: { key: 'Site', values: [] } } }],
    ['allow.channelIds', { allow: { channelIds: [] } }],
    ['probes.urls', { probes: { urls: Array.from({ length: 11 }, () => 'https://www.example.com/') } }],
  ])('%s is bounded', (path, changes) => {
    expect(errorsOfTarget(changes)).toEqual([expect.stringContaining(`targets.portal.${path}`)])
  })

  it('targets is at least one', () => {
    expect(errorsOf(aConfigInput({ targets: [] }))).toEqual([expect.stringMatching(/^targets: /)])
  })
})

describe('the instances of a target', () => {
  it.each([{}, 'web', ['i-0a1b2c3d4e5f60718'], { ids: 'i-0a1b2c3d4e5f60718' }])('are not %j', (instances) => {
    expect(errorsOfTarget({ instances })[0]).toMatch(/^targets\.portal\.instances/)
  })

  it('may be nodes outside EC2', () => {
    expect(errorsOfTarget({ instances: { ids: ['mi-0a1b2c3d4e5f60718'] } })).toEqual([])
  })
})

const files = (count: number): EdgeInput['purge'] => ({
  what: 'files',
  files: Array.from({ length: count }, (_, index) => `https://www.example.com/${index}`),
})
const hosts = (count: number): EdgeInput['purge'] => ({
  what: 'hosts',
  hosts: Array.from({ length: count }, (_, index) => `h${index}.example.com`),
})

describe('an edge', () => {
  it.each<[string, Partial<EdgeInput>]>([
    ['purges everything', { purge: { what: 'everything' } }],
    ['purges hosts', { purge: { what: 'hosts', hosts: ['www.example.com', 'xn--bcher-kva.example'] } }],
    ['purges prefixes', { purge: { what: 'prefixes', prefixes: ['www.example.com/news', 'www.example.com/'] } }],
    ['purges files', { purge: { what: 'files', files: ['https://www.example.com/a?b=c', 'http://www.example.com/'] } }],
    ['has a global key', { credentials: { kind: 'global-key', parameter: '/acme/cloudflare/key', email: 'ops@example.com' } }],
    ['has batches of 100 on any plan', { batchSize: 100, plan: 'free' }],
    ['has batches of 500 files on the enterprise plan', { batchSize: 500, plan: 'enterprise', purge: files(1) }],
  ])('%s', (_name, changes) => {
    expect(errorsOf(aConfigInput({ targets: [aTarget({ edge: anEdge(changes) })] }))).toEqual([])
  })

  it.each([
    ['purge.what', { purge: { what: 'tags', tags: ['a'] } }],
    ['purge.hosts', { purge: { what: 'everything', hosts: ['www.example.com'] } }],
    ['purge.hosts[0]', { purge: { what: 'hosts', hosts: ['https://www.example.com'] } }],
    ['purge.hosts[0]', { purge: { what: 'hosts', hosts: ['WWW.example.com'] } }],
    ['purge.hosts[0]', { purge: { what: 'hosts', hosts: ['*.example.com'] } }],
    ['purge.prefixes[0]', { purge: { what: 'prefixes', prefixes: ['https://www.example.com/news'] } }],
    ['purge.prefixes[0]', { purge: { what: 'prefixes', prefixes: ['www.example.com/news?page=1'] } }],
    ['purge.prefixes[0]', { purge: { what: 'prefixes', prefixes: ['www.example.com'] } }],
    ['purge.files[0]', { purge: { what: 'files', files: ['/relative'] } }],
    ['purge.files[0]', { purge: { what: 'files', files: ['https://www.example.com/*'] } }],
    ['purge.files[0]', { purge: { what: 'files', files: ['https://www.example.com/#top'] } }],
    ['purge.files[0]', { purge: { what: 'files', files: ['javascript:alert(1)'] } }],
    ['credentials.parameter', { credentials: { kind: 'token', parameter: 'cloudflare-token' } }],
    ['credentials.email', { credentials: { kind: 'token', parameter: '/acme/token', email: 'ops@example.com' } }],
    ['credentials.email', { credentials: { kind: 'global-key', parameter: '/acme/key' } }],
    ['credentials.email', { credentials: { kind: 'global-key', parameter: '/acme/key', email: 'ops@example.com\r\nx: y' } }],
    ['credentials.token', { credentials: { kind: 'token', parameter: '/acme/token', token: 'the secret itself' } }],
    ['plan', { plan: 'gold' }],
    ['batchSize', { batchSize: 0 }],
    ['batchSize', { batchSize: 1.5 }],
    ['batchSize', { batchSize: 101 }],
    ['batchSize', { batchSize: 101, plan: 'business', purge: files(1) }],
    ['batchSize', { batchSize: 101, plan: 'enterprise' }],
    ['batchSize', { batchSize: 501, plan: 'enterprise', purge: files(1) }],
    ['purge', { batchSize: 1, purge: hosts(201) }],
    ['purge', { purge: { what: 'files', files: Array.from({ length: 60 }, () => `https://www.example.com/${'a'.repeat(1700)}`) } }],
  ])('reports %s in %j', (path, changes) => {
    expect(errorsOfEdge(changes)).toEqual([expect.stringContaining(`targets.portal.edge.${path}: `)])
  })

  it('may take as many requests as fit in one purge', () => {
    expect(errorsOfEdge({ batchSize: 1, purge: hosts(200) })).toEqual([])
  })

  it('reports its batch size also beside an unknown key and a missing purge', () => {
    expect(errorsOfEdge({ batchSize: 101, retries: 3 })).toHaveLength(2)
    expect(errorsOfEdge({ batchSize: 501, plan: 'enterprise', purge: undefined })).toHaveLength(2)
  })
})

describe('polling', () => {
  const errorsOfCommands = (commands: Partial<ConfigInput['commands']>, layers: number): string[] =>
    errorsOf(
      aConfigInput({
        commands: { documentPrefix: 'TD-', ...commands },
        targets: [aTarget({ layers: Array.from({ length: layers }, (_, index) => ({ ...fastcgi, id: `layer-${index}` })) })],
      }),
    )

  it("lasts longer than both of Run Command's time-outs", () => {
    for (const pollSeconds of [1, 3, 7, 60]) {
      const times = { deliveryTimeoutSeconds: 60, executionTimeoutSeconds: 300, pollSeconds }
      expect(maxPolls(times) * watchSeconds + pollWaits(times).reduce((sum, wait) => sum + wait)).toBeGreaterThan(360)
    }
  })

  it('waits for a second at first, later for a tenth of the time that has passed, and never for longer than pollSeconds', () => {
    const waits = (pollSeconds: number) => pollWaits({ deliveryTimeoutSeconds: 60, executionTimeoutSeconds: 300, pollSeconds })
    expect(waits(30)).toEqual([1, 1, 1, 1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 15, 17, 19, 21, 24, 27, 30, 30, 30, 30])
    expect(new Set(waits(1))).toEqual(new Set([1]))
    expect(Math.max(...waits(5))).toBe(5)
  })

  it('is allowed with the defaults and with eight layers', () => {
    expect(errorsOfCommands({}, 8)).toEqual([])
  })

  it('is refused where the layers together could outlast the execution', () => {
    expect(errorsOfCommands({ deliveryTimeoutSeconds: 390, executionTimeoutSeconds: 900, pollSeconds: 60 }, 8)).toEqual([])
    expect(errorsOfCommands({ deliveryTimeoutSeconds: 391, executionTimeoutSeconds: 900, pollSeconds: 60 }, 8)).toEqual([
      'commands.executionTimeoutSeconds: 8 commands that may take 1351 s each could exceed the 3 hours that an execution has for them: lower the time-outs',
    ])
  })

  it('is judged by the target with the most layers, even when another target is broken', () => {
    const layers = Array.from({ length: 8 }, (_, index) => ({ ...fastcgi, id: `layer-${index}` }))
    const targets = [aTarget({ layers }), { ...anEdgelessTarget(), layers: 'none' }, 3]
    const commands = { documentPrefix: '!', deliveryTimeoutSeconds: 600, executionTimeoutSeconds: 900 }
    expect(errorsOf({ ...aConfigInput(), commands, targets })).toContainEqual(
      expect.stringMatching(/^commands\.executionTimeoutSeconds: 8 commands/),
    )
  })

  it.each([
    ['deliveryTimeoutSeconds', 29, 601],
    ['executionTimeoutSeconds', 4, 901],
    ['pollSeconds', 0, 61],
  ])('has bounds for %s', (key, tooLow, tooHigh) => {
    for (const value of [tooLow, tooHigh])
      expect(errorsOfCommands({ [key]: value }, 1)).toEqual([expect.stringContaining(`commands.${key}: `)])
  })
})

describe('who may purge', () => {
  it.each([
    ['channelIds', '#general'],
    ['channelIds', 'general'],
    ['channelIds', 'U0123456789'],
    ['userIds', '@ann'],
    ['userIds', 'C0123456789'],
  ])('is written as Slack ids: %s %j is refused', (key, value) => {
    expect(errorsOfTarget({ allow: { channelIds: ['C0123456789'], [key]: [value] } })).toEqual([
      expect.stringContaining(`targets.portal.allow.${key}[0]: `),
    ])
  })
})

describe('the rest of a config', () => {
  it('may leave the previous signing secret out', () => {
    const { slack } = aConfigInput()
    expect(
      aConfig({ slack: { signingSecretParameter: slack.signingSecretParameter, webhookParameter: slack.webhookParameter } }).slack
        .previousSigningSecretParameter,
    ).toBeUndefined()
  })

  it.each(['us-east-1', 'eu-west-1', 'ap-southeast-3'])('may be in %s', (homeRegion) => {
    expect(aConfig({ homeRegion }).homeRegion).toBe(homeRegion)
  })

  it.each(['cn-north-1', 'us-gov-west-1', 'us-east-1a', 'US-EAST-1', 'eu', ''])('is not in the region %j', (homeRegion) => {
    expect(errorsOf(aConfigInput({ homeRegion }))).toEqual([expect.stringMatching(/^homeRegion: /)])
  })

  it.each(['/aws/x', '/ssm/x', 'x', '/a b', '/a/', '//a', ''])('has no secret in a parameter called %j', (signingSecretParameter) => {
    expect(errorsOf(aConfigInput({ slack: { signingSecretParameter, webhookParameter: '/acme/webhook' } }))).toEqual([
      expect.stringMatching(/^slack\.signingSecretParameter: /),
    ])
  })
})
