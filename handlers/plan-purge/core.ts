// Turns a request into everything that the state machine needs to know, so that no later state decides anything.

import { maxPolls } from '../../config/polling.ts'
import { cachePathsOf, type Probes } from '../../config/probes.ts'
import type { Config, Edge, Layer, LayerKind, Target } from '../../config/schema.ts'
import type { EdgeProgress, PurgeBody } from '../purge-cloudflare/schema.ts'
import { InvalidRequest } from '../shared/errors.ts'
import { layerLabel } from '../shared/labels.ts'
import { clip } from '../shared/mrkdwn.ts'
import { type Plan, type PlannedLayer, PurgeRequest } from './schema.ts'

/** Without the config's prefix. ssm/documents.ts has the same names; a test holds the two together. */
const documentNames: Record<LayerKind | 'probe', string> = {
  probe: 'ProbeOrigin',
  'w3-total-cache': 'PurgeW3',
  'wp-rocket': 'PurgeWPRocket',
  'nginx-fastcgi': 'PurgeFastCGI',
}

const documentParameters = (layer: Layer): Record<string, string> => {
  switch (layer.kind) {
    case 'w3-total-cache':
      return { SitePath: layer.sitePath, RunAs: layer.runAs }
    case 'wp-rocket':
      return { SitePath: layer.sitePath, CachePath: layer.cachePath, RunAs: layer.runAs }
    case 'nginx-fastcgi':
      return { CachePath: layer.cachePath, NginxPidFile: layer.nginxPidFile }
  }
}

const planCommand = (kind: LayerKind | 'probe', id: string, parameters: Readonly<Record<string, string>>, target: Target, { commands }: Config): Omit<PlannedLayer, 'label' | 'purpose'> => ({
  id,
  document: `${commands.documentPrefix}${documentNames[kind]}`,
  targets: [
    'ids' in target.instances
      ? { Key: 'InstanceIds', Values: target.instances.ids }
      : { Key: `tag:${target.instances.tag.key}`, Values: target.instances.tag.values },
  ],
  parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]])),
  comment: `purgeflow ${target.id}: ${id}`,
  deliveryTimeoutSeconds: commands.deliveryTimeoutSeconds,
  pollSeconds: commands.pollSeconds,
  maxPolls: maxPolls(commands),
})

const planLayer = (layer: Layer, target: Target, config: Config): PlannedLayer => ({
  ...planCommand(layer.kind, layer.id ?? layer.kind, documentParameters(layer), target, config),
  label: layerLabel(layer),
  purpose: 'purge',
})

const probeParameters = ({ urls, origin, cacheHeader }: Probes, layers: readonly Layer[]): Record<string, string> => ({
  Urls: urls.map((url) => new URL(url).href).join(' '),
  Scheme: origin.tls ? 'https' : 'http',
  Host: origin.host,
  Port: String(origin.port ?? (origin.tls ? 443 : 80)),
  CacheHeader: cacheHeader,
  CachePaths: cachePathsOf(layers).join('|') || '-',
})

/** A layer's own id holds no colon. */
const planProbe = (when: 'before' | 'after', probes: Probes, target: Target, config: Config): PlannedLayer => ({
  ...planCommand('probe', `probe:${when}`, probeParameters(probes, target.layers), target, config),
  label: `Probe ${when}`,
  purpose: 'probe',
})

const inBatches = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size))

const purgeBodies = ({ purge, batchSize }: Edge): PurgeBody[] => {
  switch (purge.what) {
    case 'everything':
      return [{ purge_everything: true }]
    case 'hosts':
      return inBatches(purge.hosts, batchSize).map((hosts) => ({ hosts }))
    case 'prefixes':
      return inBatches(purge.prefixes, batchSize).map((prefixes) => ({ prefixes }))
    case 'files':
      return inBatches(purge.files, batchSize).map((files) => ({ files }))
  }
}

const planEdge = (edge: Edge): EdgeProgress => ({
  zoneId: edge.zoneId,
  credentials: edge.credentials,
  plan: edge.plan,
  status: 'pending',
  pending: purgeBodies(edge),
  accepted: [],
  bucket: { tokens: 0, at: 0 },
  turns: 0,
  waitSeconds: 0,
  reason: null,
})

const describe = (value: unknown): string => (value === undefined ? 'undefined' : clip(JSON.stringify(value), 60))

/**
 * @param request the execution's input, as somebody typed it
 * @throws InvalidRequest that names the valid targets
 */
export const planPurge = (request: unknown, config: Config): Plan => {
  const ids = config.targets.map(({ id }) => id)
  const advice = `Start the execution with {"target": "${ids[0] ?? 'portal'}"}. Valid targets: ${ids.join(', ')}.`

  const parsed = PurgeRequest.safeParse(request)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'input'}: ${message}`)
    throw new InvalidRequest(`The input ${describe(request)} is not a purge request (${clip(problems.join('; '), 500)}). ${advice}`)
  }
  const { target: id, source, requester } = parsed.data
  const target = config.targets.find((candidate) => candidate.id === id)
  if (target === undefined) throw new InvalidRequest(`Unknown target ${describe(id)}. ${advice}`)

  const { probes } = target
  const layers = target.layers.map((layer) => planLayer(layer, target, config))
  const edge = target.edge ? planEdge(target.edge) : null
  const commands = probes && layers.length > 0 ? [...layers, planProbe('after', probes, target, config)] : layers
  return {
    target: { id: target.id, label: target.label, region: target.region },
    source,
    requester: requester ?? null,
    layers: probes && layers.length > 0 ? [planProbe('before', probes, target, config), ...commands] : layers,
    hasEdge: edge !== null,
    edge,
    hasProbes: probes !== undefined,
    proof: probes
      ? {
          urls: probes.urls.map((url) => new URL(url).href),
          hitStatuses: probes.hitStatuses,
          commands,
          edgeBodies: edge?.pending ?? [],
          round: 0,
          next: 'done',
          verdict: 'unproven',
          findings: [],
          secondTap: [],
          purged: [],
        }
      : null,
  }
}
