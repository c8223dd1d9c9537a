// W3 Total Cache, a plugin of WordPress: flushed by its own WP-CLI command.

import * as z from 'zod'
import { layerId } from '../../config/fields.ts'
import type { LayerKindDefinition } from '../contract.ts'
import { inspectWordPress } from '../wordpress/document.ts'
import { WordPressFacts } from '../wordpress/facts.ts'
import { findingsOfPlugin } from '../wordpress/findings.ts'
import { describeWp, siteFields, siteParameters } from '../wordpress/site.ts'

const W3TotalCacheLayer = z.strictObject({
  kind: z.literal('w3-total-cache'),
  ...layerId,
  ...siteFields,
})
type W3TotalCacheLayer = z.infer<typeof W3TotalCacheLayer>

const document = {
  id: 'purge-w3',
  name: 'PurgeW3',
  source: 'layers/w3-total-cache/purge',
  shared: ['script', 'paths', 'measure', 'cache', 'delete', 'wp', 'site', 'site-entries', 'w3-cache'],
} as const
export const w3CachePath = ({ sitePath }: W3TotalCacheLayer): string => `${sitePath}/wp-content/cache`

export const w3TotalCache = {
  schema: W3TotalCacheLayer,
  label: () => 'W3 Total Cache',
  distance: 1,
  documents: [document, inspectWordPress],
  purge: (layer) => ({ document: document.name, parameters: siteParameters(layer) }),
  inspect: (layer) => ({
    document: inspectWordPress.name,
    parameters: { ...siteParameters(layer), CachePath: w3CachePath(layer), Plugin: layer.kind },
  }),
  action: (layer) => describeWp('w3-total-cache flush all', layer),
  facts: WordPressFacts,
  findings: findingsOfPlugin('w3-total-cache'),
} satisfies LayerKindDefinition<W3TotalCacheLayer>
