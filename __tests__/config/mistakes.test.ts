import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../config/read.ts'
import { aConfigInput, anEdge, anEdgelessTarget, aTarget, errorsOf } from './a-config.ts'
import { anAssetTarget } from '../handlers/intake-s3/fixtures.ts'

const mistakes = {
  ...aConfigInput(),
  name: 'Acme!',
  homeRegion: 'eu-wset-1',
  logRetentionDays: 31,
  tag: { Team: 'web' },
  alarmTopicArns: { 'us-east-1': ['arn:aws:sns:eu-west-1:123456789012:on-call'] },
  slack: {
    signingSecretParameter: '/acme/slack/secret',
    previousSigningSecretParameter: 'previous',
    webhookParameters: '/acme/slack/secret',
  },
  commands: { documentPrefix: 'TD-', pollSeconds: 0, deliveryTimeoutSeconds: '60', executionTimeoutSeconds: 901 },
  intake: { batchWindowSeconds: 301 },
  targets: [
    {
      ...aTarget({ label: '' }),
      layers: [
        { kind: 'w3-totalcache', sitePath: '/var/www/portal', runAs: 'ubuntu' },
        { kind: 'nginx-fastcgi', cachepath: '/var/cache/nginx/portal' },
      ],
      edge: {
        zoneId: 'XYZ',
        purge: { what: 'host', hosts: ['portal.example.com'] },
        credentials: { kind: 'token', parameter: '/acme/slack/secret' },
        plan: 'premium',
      },
      probes: { urls: [] },
      allow: { channelIds: ['#general'], userIds: [] },
    },
    {
      ...anEdgelessTarget(),
      region: 'us-east1',
      edge: anEdge(),
      probes: { urls: ['https://www.example.com/'] },
      instances: { ids: ['web-1'] },
    },
    'main',
  ],
}

describe('25 mistakes at once', () => {
  it('give 25 lines, each with its place and what to do', () => {
    expect(errorsOf(mistakes)).toHaveLength(25)
    expect(errorsOf(mistakes)).toMatchInlineSnapshot(`
      [
        "name: "Acme!" does not look like a deployment name (lower-case letters, digits and -, 2 to 20)",
        "logRetentionDays: is 31, and must be one of 7, 14, 30, 60, 90, 180, 365",
        "slack.previousSigningSecretParameter: "previous" does not look like the full name of an SSM parameter (/purgeflow/slack/webhook-url)",
        "slack.webhookParameters: is not known here: did you mean webhookParameter?",
        "commands.deliveryTimeoutSeconds: must be a number, and is '60'",
        "commands.executionTimeoutSeconds: is 901, and must be at most 900",
        "commands.pollSeconds: is 0, and must be at least 1",
        "intake.batchWindowSeconds: is 301, and must be at most 300",
        "targets.portal.label: is empty",
        "targets.portal.layers[0].kind: is 'w3-totalcache', and must be one of w3-total-cache, wp-rocket, nginx-fastcgi: did you mean w3-total-cache?",
        "targets.portal.layers[1].cachepath: is not known here: did you mean cachePath?",
        "targets.portal.edge.zoneId: "XYZ" does not look like a Cloudflare zone id (32 hexadecimal digits)",
        "targets.portal.edge.purge.what: is 'host', and must be one of everything, hosts, prefixes, files: did you mean hosts?",
        "targets.portal.edge.plan: is 'premium', and must be one of free, pro, business, enterprise",
        "targets.portal.probes.urls: is empty: it takes at least one entry",
        "targets.portal.allow.channelIds[0]: "#general" does not look like a Slack channel id (C0123456789); names change, ids do not",
        "targets.portal.allow.userIds: is empty: it takes at least one entry",
        "targets.main.region: "us-east1" does not look like a region of the AWS partition "aws" (us-east-1)",
        "targets.main.instances.ids[0]: "web-1" does not look like an instance id (i-0123456789abcdef0)",
        "targets.main.probes.urls[0]: www.example.com is not purged at Cloudflare by this target (portal.example.com): add it to edge.purge, or probe another page",
        "targets[2]: must be an object, and is 'main'",
        "tag: is not known here: did you mean tags?",
        "homeRegion: eu-wset-1 is no region that purgeflow knows (a newer one is named in newRegions, too): did you mean eu-west-1?",
        "alarmTopicArns.us-east-1[0]: is a topic of eu-west-1: an alarm in us-east-1 can only use a topic of us-east-1",
        "targets.portal.edge.credentials.parameter: /acme/slack/secret holds Slack's signing secret already: a Cloudflare token needs a parameter of its own",
      ]
    `)
  })
})

describe('one mistake', () => {
  it.each([
    ['an edge that purges other hosts than are probed', { targets: [aTarget({ probes: { urls: ['https://www.example.com/'] } })] }],
    [
      'a prefix that is too deep',
      { targets: [aTarget({ edge: anEdge({ purge: { what: 'prefixes', prefixes: [`www.example.com/${'a/'.repeat(31)}`] } }) })] },
    ],
    ['an old bucket name elsewhere', { targets: [anAssetTarget({ name: 'Old_Bucket' }, { region: 'eu-west-1' })] }],
  ])('is %s', (_name, changes) => {
    expect(errorsOf(aConfigInput(changes))).toMatchSnapshot()
  })
})

describe('what is rare and right is taken:', () => {
  it.each([
    ['an international host', { targets: [aTarget({ edge: anEdge({ purge: { what: 'hosts', hosts: ['xn--80aswg.xn--p1ai'] } }) })] }],
    ['a host with an underscore', { targets: [aTarget({ edge: anEdge({ purge: { what: 'hosts', hosts: ['my_site.example.com'] } }) })] }],
    ['a bucket name of before 2018', { targets: [anAssetTarget({ name: 'Old_Bucket' }, { region: 'us-east-1' })] }],
    ['a region that is newer than the list', { homeRegion: 'eu-west-9', newRegions: ['eu-west-9'] }],
    ['one token for two targets', { targets: [aTarget(), aTarget({ id: 'shop' })] }],
    [
      '31 slashes in a prefix',
      { targets: [aTarget({ edge: anEdge({ purge: { what: 'prefixes', prefixes: [`www.example.com/${'a/'.repeat(30)}`] } }) })] },
    ],
  ])('%s', (_name, changes) => {
    expect(errorsOf(aConfigInput(changes))).toEqual([])
  })
})

describe('a file', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'purgeflow-config-'))
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it.each([
    ['syntax.ts', "export default {\n  name: 'acme'\n  homeRegion: 'us-east-1',\n}\n"],
    ['syntax.json', '{\n  "name": "acme",,\n}\n'],
    ['nothing.ts', "export const config = { name: 'acme' }\n"],
    ['elsewhere.ts', "import other from './not-there.ts'\nexport default other\n"],
    ['throws.ts', "throw new Error('no environment')\n"],
  ])('%s says what is wrong and where', async (name, text) => {
    writeFileSync(join(folder, name), text)
    const problem = await readConfig(join(folder, name)).catch((error: unknown) => error)
    expect(String(problem).replaceAll(folder, 'FOLDER')).toMatchSnapshot()
  })

  it('that does not exist is named', async () => {
    await expect(readConfig(join(folder, 'none.ts'))).rejects.toThrow(/none\.ts cannot be read: ENOENT/)
  })
})
