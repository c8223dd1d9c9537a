// Configs for these tests. Not config/targets.ts: an operator edits that one, and no golden file may change with it.

import { loadConfig } from '../../config/load.ts'
import type { Config, ConfigInput } from '../../config/schema.ts'

type TargetInput = ConfigInput['targets'][number]

/** On one instance, named by id. */
export const portal = (overrides: Partial<TargetInput> = {}): TargetInput => ({
  id: 'portal',
  label: 'Portal',
  region: 'us-east-1',
  instances: { ids: ['i-0a1b2c3d4e5f60718'] },
  layers: [{ kind: 'nginx-fastcgi', cachePath: '/var/cache/nginx/portal' }],
  edge: {
    zoneId: '0123456789abcdef0123456789abcdef',
    purge: { what: 'everything' },
    credentials: { kind: 'token', parameter: '/acme/cloudflare/portal' },
  },
  allow: { channelIds: ['C0123456789'] },
  ...overrides,
})

/** On instances named by a tag. */
export const main = (overrides: Partial<TargetInput> = {}): TargetInput => ({
  ...portal(),
  id: 'main',
  label: 'Main',
  instances: { tag: { key: 'Site', values: ['main'] } },
  edge: {
    zoneId: 'fedcba9876543210fedcba9876543210',
    purge: { what: 'everything' },
    credentials: { kind: 'token', parameter: '/acme/cloudflare/main' },
  },
  ...overrides,
})

/** A bucket and an edge, and no instances. */
export const assets = (bucket: Partial<NonNullable<TargetInput['bucket']>> = {}, overrides: Partial<TargetInput> = {}): TargetInput => ({
  id: 'assets',
  label: 'Assets',
  region: 'us-east-1',
  bucket: { name: 'acme-assets', attach: 'notification', hosts: ['assets.example.com'], ...bucket },
  edge: {
    zoneId: '0123456789abcdef0123456789abcdef',
    purge: { what: 'hosts', hosts: ['assets.example.com'] },
    credentials: { kind: 'token', parameter: '/acme/cloudflare/portal' },
  },
  allow: { channelIds: ['C0123456789'] },
  ...overrides,
})

export const config = (overrides: Partial<ConfigInput> = {}): Config =>
  loadConfig({
    name: 'acme',
    homeRegion: 'us-east-1',
    tags: { Team: 'web' },
    logRetentionDays: 14,
    slack: {
      signingSecretParameter: '/acme/slack/signing-secret',
      previousSigningSecretParameter: '/acme/slack/previous-signing-secret',
      webhookParameter: '/acme/slack/webhook-url',
    },
    commands: { documentPrefix: 'TD-' },
    targets: [portal(), main()],
    ...overrides,
  } satisfies ConfigInput)

export const twoRegions = (): Config => config({ targets: [portal(), main({ region: 'eu-west-1' })] })
