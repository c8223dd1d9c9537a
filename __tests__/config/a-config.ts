// Configs for the tests of config/ and handlers/. Not config/targets.ts: an operator edits that one.

import { explain } from '../../config/explain.ts'
import { loadConfig } from '../../config/load.ts'
import { Config, type ConfigInput } from '../../config/schema.ts'

export type TargetInput = ConfigInput['targets'][number]
export type EdgeInput = NonNullable<TargetInput['edge']>

export const anEdge = (changes: Partial<EdgeInput> = {}): EdgeInput => ({
  zoneId: '0123456789abcdef0123456789abcdef',
  purge: { what: 'hosts', hosts: ['portal.example.com'] },
  credentials: { kind: 'token', parameter: '/acme/cloudflare/portal' },
  ...changes,
})

/** On one instance, with W3 Total Cache inside FastCGI inside Cloudflare. */
export const aTarget = (changes: Partial<TargetInput> = {}): TargetInput => ({
  id: 'portal',
  label: 'TD Portal',
  region: 'us-east-1',
  instances: { ids: ['i-0a1b2c3d4e5f60718'] },
  layers: [
    { kind: 'w3-total-cache', sitePath: '/var/www/portal', runAs: 'ubuntu' },
    { kind: 'nginx-fastcgi', cachePath: '/var/cache/nginx/portal' },
  ],
  edge: anEdge(),
  allow: { channelIds: ['C0123456789'] },
  ...changes,
})

/** On tagged instances in another region, with WP Rocket and without an edge. */
export const anEdgelessTarget = (changes: Partial<TargetInput> = {}): TargetInput => ({
  id: 'main',
  label: 'TD Main Site',
  region: 'eu-west-1',
  instances: { tag: { key: 'Site', values: ['main'] } },
  layers: [{ kind: 'wp-rocket', sitePath: '/var/www/main', cachePath: '/var/www/main/wp-content/cache/wp-rocket', runAs: 'ubuntu' }],
  allow: { channelIds: ['C0123456789', 'C0000000002'], userIds: ['U0000000001'] },
  ...changes,
})

export const aConfigInput = (changes: Partial<ConfigInput> = {}): ConfigInput => ({
  name: 'acme',
  homeRegion: 'us-east-1',
  slack: {
    signingSecretParameter: '/acme/slack/signing-secret',
    previousSigningSecretParameter: '/acme/slack/previous-signing-secret',
    webhookParameter: '/acme/slack/webhook-url',
  },
  commands: { documentPrefix: 'TD-' },
  targets: [aTarget(), anEdgelessTarget()],
  ...changes,
})

export const aConfig = (changes: Partial<ConfigInput> = {}): Config => loadConfig(aConfigInput(changes))

/** One line for each mistake in `raw`; none when it is valid. */
export const errorsOf = (raw: unknown): string[] => explain(Config, raw)
