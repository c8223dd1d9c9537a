// The deployment under test: two regions. One target is on an instance named by id, one on a tag, and one is a bucket.

import { loadConfig } from '../../config/load.ts'
import type { Config, ConfigInput } from '../../config/schema.ts'

type TargetInput = ConfigInput['targets'][number]

export const portal = (overrides: Partial<TargetInput> = {}): TargetInput => ({
  id: 'portal',
  label: 'Portal',
  region: 'us-east-1',
  instances: { ids: ['i-0a1b2c3d4e5f60718'] },
  layers: [
    { kind: 'w3-total-cache', sitePath: '/var/www/portal', runAs: 'www-data' },
    { kind: 'nginx-fastcgi', cachePath: '/var/cache/nginx/portal' },
  ],
  edge: {
    zoneId: '0123456789abcdef0123456789abcdef',
    purge: { what: 'hosts', hosts: ['portal.example.com'] },
    credentials: { kind: 'token', parameter: '/trial/cloudflare/portal' },
  },
  allow: { channelIds: ['C0123456789'] },
  ...overrides,
})

export const page = 'https://portal.example.com/'

export const provenPortal = (overrides: Partial<TargetInput> = {}): TargetInput => portal({ probes: { urls: [page] }, ...overrides })

export const main = (overrides: Partial<TargetInput> = {}): TargetInput => ({
  id: 'main',
  label: 'Main Site',
  region: 'eu-west-1',
  instances: { tag: { key: 'Site', values: ['main'] } },
  layers: [
    { kind: 'wp-rocket', sitePath: '/var/www/main', cachePath: '/var/www/main/wp-content/cache/wp-rocket', runAs: 'www-data' },
    { kind: 'nginx-fastcgi', cachePath: '/var/cache/nginx/main' },
  ],
  edge: {
    zoneId: 'fedcba9876543210fedcba9876543210',
    purge: { what: 'everything' },
    credentials: { kind: 'token', parameter: '/trial/cloudflare/main' },
  },
  allow: { channelIds: ['C0123456789'] },
  ...overrides,
})

/** The bucket is there before: a deployment attaches it and leaves it. */
export const assets = (): TargetInput => ({
  id: 'assets',
  label: 'Assets',
  region: 'us-east-1',
  bucket: { name: 'somebodys-assets', attach: 'notification', prefix: 'img/', hosts: ['assets.example.com'] },
  edge: {
    zoneId: '00112233445566778899aabbccddeeff',
    purge: { what: 'hosts', hosts: ['assets.example.com'] },
    credentials: { kind: 'token', parameter: '/trial/cloudflare/assets' },
  },
  allow: { channelIds: ['C0123456789'] },
})

/** Added by the update. */
export const shop = (): TargetInput => ({
  id: 'shop',
  label: 'Shop',
  region: 'us-east-1',
  instances: { ids: ['i-0b1b2c3d4e5f60718'] },
  layers: [{ kind: 'nginx-fastcgi', cachePath: '/var/cache/nginx/shop' }],
  allow: { channelIds: ['C0123456789'] },
})

export const configInput = (overrides: Partial<ConfigInput> = {}): ConfigInput => ({
  name: 'trial',
  homeRegion: 'us-east-1',
  tags: { CostCentre: '4711' },
  slack: {
    signingSecretParameter: '/trial/slack/signing-secret',
    previousSigningSecretParameter: '/trial/slack/previous-signing-secret',
    webhookParameter: '/trial/slack/webhook-url',
  },
  // Looked at every second, so that moto's real waits are short; a purge with probes then needs short time-outs too.
  commands: { documentPrefix: 'Trial-', pollSeconds: 1, executionTimeoutSeconds: 120 },
  targets: [provenPortal(), main(), assets()],
  ...overrides,
})

export const config = (overrides: Partial<ConfigInput> = {}): Config => loadConfig(configInput(overrides))
