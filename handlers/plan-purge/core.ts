// Turns a request into everything that the state machine needs to know, so that no later state decides anything.

import { maxPolls } from '../../config/polling.ts'
import type { Config, Edge, Layer, LayerKind, Target } from '../../config/schema.ts'
import type { EdgeProgress, PurgeBody } from '../purge-cloudflare/schema.ts'
import { InvalidRequest } from '../shared/errors.ts'
import { layerLabel } from '../shared/labels.ts'
import { clip } from '../shared/mrkdwn.ts'
import { shareOfOneExecution } from '../shared/purge-limits.ts'
import { assetBodies, assetNotes, assetProblem, isLoud, namesAssets } from './assets.ts'
import { inBatches } from './batches.ts'
import { type Plan, type PlannedLayer, PurgeRequest } from './schema.ts'

/** Without the config's prefix. ssm/documents.ts has the same names; a test holds the two together. */
const documentNames: Record<LayerKind, string> = {
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

type Instances = NonNullable<Target['instances']>

const planLayer = (layer: Layer, target: Target, instances: Instances, { commands }: Config): PlannedLayer => ({
  id: layer.id ?? layer.kind,
  label: layerLabel(layer),
  document: `${commands.documentPrefix}${documentNames[layer.kind]}`,
  targets: [
    'ids' in instances ? { Key: 'InstanceIds', Values: instances.ids } : { Key: `tag:${instances.tag.key}`, Values: instances.tag.values },
  ],
  parameters: Object.fromEntries(Object.entries(documentParameters(layer)).map(([name, value]) => [name, [value]])),
  comment: `purgeflow ${target.id}: ${layer.id ?? layer.kind}`,
  deliveryTimeoutSeconds: commands.deliveryTimeoutSeconds,
  pollSeconds: commands.pollSeconds,
  maxPolls: maxPolls(commands),
})

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

const planEdge = (edge: Edge, pending: PurgeBody[], patient: boolean): EdgeProgress => ({
  zoneId: edge.zoneId,
  credentials: edge.credentials,
  plan: edge.plan,
  status: 'pending',
  pending,
  accepted: [],
  bucket: { tokens: 0, at: 0 },
  turns: 0,
  patient,
  // A storm makes several of these at once, and people's purges need room beside them.
  share: patient ? shareOfOneExecution : 1,
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
  const problem = assetProblem(parsed.data, target)
  if (problem !== undefined) throw new InvalidRequest(`The input ${describe(request)} is not a purge of assets: ${problem}. ${advice}`)

  const { edge, instances } = target
  const common = { target: { id: target.id, label: target.label, region: target.region }, source, requester: requester ?? null }
  if (edge && namesAssets(parsed.data)) {
    const notify = isLoud(parsed.data, target) ? 'always' : 'failures'
    return { ...common, layers: [], hasEdge: true, edge: planEdge(edge, assetBodies(parsed.data, edge), source === 's3'), notify, notes: assetNotes(parsed.data) }
  }
  return {
    ...common,
    layers: instances ? target.layers.map((layer) => planLayer(layer, target, instances, config)) : [],
    hasEdge: edge !== undefined,
    edge: edge ? planEdge(edge, purgeBodies(edge), false) : null,
    notify: 'always',
    notes: [],
  }
}
