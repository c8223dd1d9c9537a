// One bucket behind one zone: the storm's config.

import type { ConfigInput } from '../../config/schema.ts'

export const region = 'us-east-1'
export const zoneId = '0123456789abcdef0123456789abcdef'
export const batchSize = 100
export const bucket = 'storm-assets'

export const stormConfig: ConfigInput = {
  name: 'storm',
  homeRegion: region,
  slack: { signingSecretParameter: '/storm/signing', webhookParameter: '/storm/webhook' },
  commands: { documentPrefix: 'ST-' },
  targets: [
    {
      id: 'assets',
      label: 'Assets',
      region,
      bucket: { name: bucket, attach: 'notification', hosts: ['assets.example.com'] },
      edge: {
        zoneId,
        plan: 'enterprise',
        batchSize,
        purge: { what: 'hosts', hosts: ['assets.example.com'] },
        credentials: { kind: 'token', parameter: '/storm/token' },
      },
      allow: { channelIds: ['C0123456789'] },
    },
  ],
}
