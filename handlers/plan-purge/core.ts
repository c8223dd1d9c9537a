// Turns a request into everything that the state machine needs to know, so that no later state decides anything.

import { maxPolls } from '../../config/polling.ts'
import { cachePathsOf, type Probes } from '../../config/probes.ts'
import type { Config, Edge, Target } from '../../config/schema.ts'
import type { CommandSpec } from '../../layers/contract.ts'
import { type Layer, layerKind, layerLabel } from '../../layers/kinds.ts'
import { probeOrigin } from '../../ssm/probe-origin/document.ts'
import type { EdgeProgress, PurgeBody } from '../../statemachines/data/edge.ts'
import { InvalidRequest } from '../shared/errors.ts'
import { clip } from '../shared/mrkdwn.ts'
import { shareOfOneExecution } from '../shared/purge-limits.ts'
import { assetBodies, assetNotes, assetProblem, isLoud, namesAssets } from './assets.ts'
import { inBatches } from '../shared/batches.ts'
import { type Plan, type PlannedLayer, PurgeRequest } from '../../statemachines/data/plan.ts'

type Instances = NonNullable<Target['instances']>

/** What it takes to send a command to a target. */
interface Receiver {
  readonly target: Target
  readonly instances: Instances
  readonly commands: Config['commands']
}

const planCommand = (
  id: string,
  { document, parameters }: CommandSpec,
  { target, instances, commands }: Receiver,
): Omit<PlannedLayer, 'label' | 'purpose'> => ({
  id,
  document: `${commands.documentPrefix}${document}`,
  targets: [
    'ids' in instances ? { Key: 'InstanceIds', Values: instances.ids } : { Key: `tag:${instances.tag.key}`, Values: instances.tag.values },
  ],
  parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]])),
  comment: `purgeflow ${target.id}: ${id}`,
  deliveryTimeoutSeconds: commands.deliveryTimeoutSeconds,
  pollSeconds: commands.pollSeconds,
  maxPolls: maxPolls(commands),
})

const planLayer = (layer: Layer, receiver: Receiver): PlannedLayer => ({
  ...planCommand(layer.id ?? layer.kind, layerKind(layer.kind).purge(layer), receiver),
  label: layerLabel(layer),
  purpose: 'purge',
})

const probeParameters = (
  when: 'before' | 'after',
  { urls, origin, cacheHeader }: Probes,
  layers: readonly Layer[],
): Record<string, string> => ({
  Urls: urls.map((url) => new URL(url).href).join(' '),
  Scheme: origin.tls ? 'https' : 'http',
  Host: origin.host,
  Port: String(origin.port ?? (origin.tls ? 443 : 80)),
  CacheHeader: cacheHeader,
  CachePaths: cachePathsOf(layers).join('|') || '-',
  // Before a purge the cache may hold millions of files, and nobody asks how old they are.
  FindFiles: when === 'after' ? 'yes' : 'no',
})

/** A layer's own id holds no colon. */
const planProbe = (when: 'before' | 'after', probes: Probes, receiver: Receiver): PlannedLayer => ({
  ...planCommand(
    `probe:${when}`,
    { document: probeOrigin.name, parameters: probeParameters(when, probes, receiver.target.layers) },
    receiver,
  ),
  label: `Probe ${when}`,
  purpose: 'probe',
})

/** Goes the way of the layer that it looks at: same instances, same time-outs. */
const planInspection = (layer: Layer, receiver: Receiver): PlannedLayer => ({
  ...planCommand(`inspect:${layer.id ?? layer.kind}`, layerKind(layer.kind).inspect(layer), receiver),
  label: layerLabel(layer),
  purpose: 'inspect',
})

const planDryRun = (target: Target, commands: Config['commands']): Pick<Plan, 'layers' | 'dryRun'> => {
  const { instances, layers, probes } = target
  const receiver = instances && { target, instances, commands }
  const planned = receiver ? layers.map((layer) => planInspection(layer, receiver)) : []
  return {
    // The look that a purge takes before its first layer shows also here what the pages' caches say.
    layers: receiver && probes ? [...planned, planProbe('before', probes, receiver)] : planned,
    dryRun: {
      steps: layers.map((layer) => ({
        id: `inspect:${layer.id ?? layer.kind}`,
        label: layerLabel(layer),
        would: layerKind(layer.kind).inspect(layer).would,
      })),
      probes: probes ? { urls: probes.urls.map((url) => new URL(url).href), hitStatuses: probes.hitStatuses } : null,
    },
  }
}

/** The layers in order, with a look before and a look after them where there are pages to look at. */
const planCommands = (
  { probes, layers }: Target,
  receiver: Receiver,
): { readonly before: PlannedLayer[]; readonly commands: PlannedLayer[] } => {
  const planned = layers.map((layer) => planLayer(layer, receiver))
  return probes
    ? { before: [planProbe('before', probes, receiver)], commands: [...planned, planProbe('after', probes, receiver)] }
    : { before: [], commands: planned }
}

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
  check: null,
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
  const { target: id, source, requester, dryRun } = parsed.data
  const target = config.targets.find((candidate) => candidate.id === id)
  if (target === undefined) throw new InvalidRequest(`Unknown target ${describe(id)}. ${advice}`)
  const problem = assetProblem(parsed.data, target)
  if (problem !== undefined) throw new InvalidRequest(`The input ${describe(request)} is not a purge of assets: ${problem}. ${advice}`)

  const { edge, instances, probes } = target
  const common = { target: { id: target.id, label: target.label, region: target.region }, source, requester: requester ?? null }
  if (edge && namesAssets(parsed.data)) {
    const notify = isLoud(parsed.data, target) ? 'always' : 'failures'
    const planned = planEdge(edge, assetBodies(parsed.data, edge), source === 's3')
    return {
      ...common,
      layers: [],
      hasEdge: true,
      edge: planned,
      hasProbes: false,
      proof: null,
      notify,
      notes: assetNotes(parsed.data),
      dryRun: null,
    }
  }
  if (dryRun) {
    const planned = edge ? planEdge(edge, purgeBodies(edge), false) : null
    const asked = planned && { ...planned, check: { outcome: 'unasked' as const, said: '' } }
    return {
      ...common,
      ...planDryRun(target, config.commands),
      hasEdge: asked !== null,
      edge: asked,
      hasProbes: false,
      proof: null,
      notify: 'always',
      notes: [],
    }
  }
  const { before, commands } = instances
    ? planCommands(target, { target, instances, commands: config.commands })
    : { before: [], commands: [] }
  const plannedEdge = edge ? planEdge(edge, purgeBodies(edge), false) : null
  return {
    ...common,
    layers: [...before, ...commands],
    hasEdge: plannedEdge !== null,
    edge: plannedEdge,
    hasProbes: probes !== undefined,
    proof: probes
      ? {
          urls: probes.urls.map((url) => new URL(url).href),
          hitStatuses: probes.hitStatuses,
          commands,
          edgeBodies: plannedEdge?.pending ?? [],
          round: 0,
          next: 'done',
          verdict: 'unproven',
          findings: [],
          secondTap: [],
          purged: [],
        }
      : null,
    notify: 'always',
    notes: [],
    dryRun: null,
  }
}
