// Every kind of layer. What goes into the functions' bundles: nothing here reads a file, and the fakes stand in local/instance/fakes.ts.

import * as z from 'zod'
import type { AnyLayer, DocumentSource, LayerKindDefinition } from './contract.ts'
import { nginxFastCgi } from './nginx-fastcgi/layer.ts'
import { w3TotalCache } from './w3-total-cache/layer.ts'
import { wpRocket } from './wp-rocket/layer.ts'

export const Layer = z.discriminatedUnion('kind', [w3TotalCache.schema, wpRocket.schema, nginxFastCgi.schema])
export type Layer = z.infer<typeof Layer>
export type LayerKind = Layer['kind']
export type LayerByKind = { readonly [Each in Layer as Each['kind']]: Each }

const layerKinds: { readonly [Kind in LayerKind]: LayerKindDefinition<LayerByKind[Kind]> } = {
  'w3-total-cache': w3TotalCache,
  'wp-rocket': wpRocket,
  'nginx-fastcgi': nginxFastCgi,
}

export const layerKind = <Kind extends LayerKind>(kind: Kind): LayerKindDefinition<LayerByKind[Kind]> => layerKinds[kind]

/** An id of its own tells two layers of one kind apart. */
export const layerLabel = (layer: Layer): string => {
  const label = layerKind(layer.kind).label(layer)
  return layer.id === undefined ? label : `${label} (${layer.id})`
}

const isLayerKind = (kind: string): kind is LayerKind => Object.hasOwn(layerKinds, kind)
export const LayerKind = z.string().refine(isLayerKind)
export const everyLayerKind: readonly LayerKind[] = Object.keys(layerKinds).filter(isLayerKind)

/** What rules between layers read of a layer, also of one that is wrong elsewhere. */
export const LooseLayer = z.looseObject({
  kind: LayerKind,
  id: z.string().optional(),
  sitePath: z.string().optional().catch(undefined),
  cachePath: z.string().optional().catch(undefined),
}) satisfies z.ZodType<AnyLayer>

export const layerDocuments: readonly DocumentSource[] = [...new Set(Object.values(layerKinds).flatMap(({ documents }) => documents))]
