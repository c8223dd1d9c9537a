// The config of every test that has none of its own. Not config/targets.ts: its user edits that one.

import type { ConfigInput } from '../config/schema.ts'

const config: ConfigInput = {
  name: 'purgeflow',
  homeRegion: 'us-east-1',
  slack: {
    signingSecretParameter: '/purgeflow/slack/signing-secret',
    previousSigningSecretParameter: '/purgeflow/slack/previous-signing-secret',
    webhookParameter: '/purgeflow/slack/webhook-url',
  },
  commands: { documentPrefix: 'TD-' },
  targets: [
    {
      id: 'portal',
      label: 'TD Portal',
      region: 'us-east-1',
      instances: { ids: ['i-0a1b2c3d4e5f60718'] },
      layers: [
        { kind: 'w3-total-cache', sitePath: '/var/www/portal', runAs: 'ubuntu' },
        { kind: 'nginx-fastcgi', cachePath: '/var/cache/nginx/portal' },
      ],
      edge: {
        zoneId: '0123456789abcdef0123456789abcdef',
        purge: { what: 'hosts', hosts: ['portal.example.com'] },
        credentials: { kind: 'token', parameter: '/purgeflow/cloudflare/portal-token' },
      },
      probes: { urls: ['https://portal.example.com/'] },
      allow: { channelIds: ['C0123456789'] },
    },
    {
      id: 'main',
      label: 'TD Main Site',
      region: 'us-east-1',
      instances: { tag: { key: 'Site', values: ['main'] } },
      layers: [
        { kind: 'wp-rocket', sitePath: '/var/www/main', cachePath: '/var/www/main/wp-content/cache/wp-rocket', runAs: 'ubuntu' },
        { kind: 'nginx-fastcgi', cachePath: '/var/cache/nginx/main' },
      ],
      edge: {
        zoneId: 'fedcba9876543210fedcba9876543210',
        purge: { what: 'everything' },
        credentials: { kind: 'token', parameter: '/purgeflow/cloudflare/main-token' },
      },
      probes: { urls: ['https://www.example.com/'] },
      allow: { channelIds: ['C0123456789'] },
    },
    {
      id: 'assets',
      label: 'Shared assets',
      region: 'us-east-1',
      // An object that is uploaded, overwritten or deleted here is purged without a command.
      bucket: {
        name: 'purgeflow-example-assets',
        attach: 'notification',
        hosts: ['assets.example.com'],
      },
      edge: {
        zoneId: '0123456789abcdef0123456789abcdef',
        // What the command purges.
        purge: { what: 'hosts', hosts: ['assets.example.com'] },
        credentials: { kind: 'token', parameter: '/purgeflow/cloudflare/portal-token' },
      },
      allow: { channelIds: ['C0123456789'] },
    },
  ],
}

export default config
