// Every kind of layer, and every kind of look at one. What goes into the functions' bundles; nothing here reads a file.

import * as z from 'zod'
import type { DocumentSource, LayerKindDefinition } from './contract.ts'
import type { Finding } from './finding.ts'
import { NginxFacts } from './nginx-fastcgi/facts.ts'
import { judgeNginx } from './nginx-fastcgi/findings.ts'
import { NginxFastCgiLayer, nginxFastCgi } from './nginx-fastcgi/layer.ts'
import { W3TotalCacheLayer, w3TotalCache } from './w3-total-cache/layer.ts'
import { WordPressFacts } from './wordpress/facts.ts'
import { judgeWordPress } from './wordpress/findings.ts'
import { WpRocketLayer, wpRocket } from './wp-rocket/layer.ts'

export const Layer = z.discriminatedUnion('kind', [W3TotalCacheLayer, WpRocketLayer, NginxFastCgiLayer])
export type Layer = z.infer<typeof Layer>
export type LayerKind = Layer['kind']
type LayerByKind = { readonly [Each in Layer as Each['kind']]: Each }

const layerKinds: { readonly [Kind in LayerKind]: LayerKindDefinition<LayerByKind[Kind]> } = {
  'w3-total-cache': w3TotalCache,
  'wp-rocket': wpRocket,
  'nginx-fastcgi': nginxFastCgi,
}

export const layerKind = <Kind extends LayerKind>(kind: Kind): LayerKindDefinition<LayerByKind[Kind]> => layerKinds[kind]

/** An id of its own tells two layers of one kind apart. */
export const layerLabel = ({ kind, id }: Pick<Layer, 'kind' | 'id'>): string =>
  id === undefined ? layerKind(kind).label : `${layerKind(kind).label} (${id})`

const isLayerKind = (kind: string): kind is LayerKind => Object.hasOwn(layerKinds, kind)
export const LayerKind = z.string().refine(isLayerKind)

/** The last line that an inspection prints. */
export const InspectResult = z.discriminatedUnion('about', [NginxFacts, WordPressFacts])
export type InspectResult = z.infer<typeof InspectResult>

/** What the facts mean for a purge. @param parameter a parameter of the command that brought them */
export const findingsOf = (facts: InspectResult, parameter: (name: string) => string): readonly Finding[] => {
  switch (facts.about) {
    case 'nginx':
      return judgeNginx(facts, { cachePath: parameter('CachePath'), pidFile: parameter('NginxPidFile') })
    case 'wordpress': {
      const plugin = parameter('Plugin') === 'wp-rocket' ? 'wp-rocket' : 'w3-total-cache'
      return judgeWordPress(facts, {
        plugin,
        sitePath: parameter('SitePath'),
        cachePath: parameter('CachePath'),
        runAs: parameter('RunAs'),
      })
    }
  }
}

export const layerDocuments: readonly DocumentSource[] = [...new Set(Object.values(layerKinds).flatMap(({ documents }) => documents))]
