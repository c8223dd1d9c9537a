// What people call a layer, in every message.

import type { Layer, LayerKind } from '../../config/schema.ts'

const kinds: Record<LayerKind, string> = {
  'w3-total-cache': 'W3 Total Cache',
  'wp-rocket': 'WP Rocket',
  'nginx-fastcgi': 'FastCGI',
}

/** An id of its own tells two layers of one kind apart. */
export const layerLabel = (layer: Pick<Layer, 'kind' | 'id'>): string => (layer.id === undefined ? kinds[layer.kind] : `${kinds[layer.kind]} (${layer.id})`)
