// WP Rocket, a plugin of WordPress: cleaned by its WP-CLI command where there is one, and its directory is emptied.

import * as z from 'zod'
import { cachePathOnInstance, layerId, pathOnInstance, unixUser } from '../../config/fields.ts'
import type { LayerKindDefinition } from '../contract.ts'
import { inspectWordPress } from '../wordpress/document.ts'
import { WordPressFacts } from '../wordpress/facts.ts'
import { findingsOfPlugin } from '../wordpress/findings.ts'

const WpRocketLayer = z.strictObject({
  kind: z.literal('wp-rocket'),
  ...layerId,
  sitePath: pathOnInstance,
  cachePath: cachePathOnInstance,
  runAs: unixUser,
})
type WpRocketLayer = z.infer<typeof WpRocketLayer>

const document = {
  id: 'purge-wprocket',
  name: 'PurgeWPRocket',
  source: 'layers/wp-rocket/purge',
  shared: ['script', 'paths', 'measure', 'cache', 'delete', 'wp', 'site', 'site-entries'],
} as const

export const wpRocket = {
  schema: WpRocketLayer,
  label: () => 'WP Rocket',
  distance: 1,
  documents: [document, inspectWordPress],
  purge: ({ sitePath, cachePath, runAs }) => ({
    document: document.name,
    parameters: { SitePath: sitePath, CachePath: cachePath, RunAs: runAs },
  }),
  inspect: ({ kind, sitePath, cachePath, runAs }) => ({
    document: inspectWordPress.name,
    parameters: { SitePath: sitePath, CachePath: cachePath, RunAs: runAs, Plugin: kind },
  }),
  action: ({ sitePath, cachePath, runAs }) => `wp rocket clean in ${sitePath} as ${runAs}, then delete the cached pages in ${cachePath}`,
  facts: WordPressFacts,
  findings: findingsOfPlugin('wp-rocket'),
} satisfies LayerKindDefinition<WpRocketLayer>
