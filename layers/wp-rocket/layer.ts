// WP Rocket, a plugin of WordPress: cleaned by its WP-CLI command where there is one, and its directory is emptied.

import * as z from 'zod'
import { cachePathOnInstance, layerId } from '../../config/fields.ts'
import type { LayerKindDefinition } from '../contract.ts'
import { inspectWordPress } from '../wordpress/document.ts'
import { WordPressFacts } from '../wordpress/facts.ts'
import { findingsOfPlugin } from '../wordpress/findings.ts'
import { describeWp, siteFields, siteParameters } from '../wordpress/site.ts'

const WpRocketLayer = z.strictObject({
  kind: z.literal('wp-rocket'),
  ...layerId,
  ...siteFields,
  cachePath: cachePathOnInstance,
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
  purge: (layer) => ({ document: document.name, parameters: { ...siteParameters(layer), CachePath: layer.cachePath } }),
  inspect: (layer) => ({
    document: inspectWordPress.name,
    parameters: { ...siteParameters(layer), CachePath: layer.cachePath, Plugin: layer.kind },
  }),
  action: (layer) => `${describeWp('rocket clean', layer)}, then delete the cached pages in ${layer.cachePath}`,
  facts: WordPressFacts,
  findings: findingsOfPlugin('wp-rocket'),
} satisfies LayerKindDefinition<WpRocketLayer>
