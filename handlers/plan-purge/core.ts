// Turns a request into everything that the state machine needs to know, so that no later state decides anything.

import { targetsNamed } from '../../config/groups.ts'
import { type Selector, selectorsOf } from '../../config/instances.ts'
import { maxPolls, pollWaits } from '../../config/polling.ts'
import { cachePathsOf, nginxPidFilesOf, type Probes } from '../../config/probes.ts'
import { siblingsOf } from '../../config/same-site.ts'
import type { Config, Target } from '../../config/schema.ts'
import { bodiesOf, type PurgeBody } from '../../edge/cloudflare/bodies.ts'
import { shareOfOneExecution } from '../../edge/cloudflare/limits.ts'
import type { Edge } from '../../edge/cloudflare/schema.ts'
import type { CommandSpec } from '../../layers/contract.ts'
import { type Layer, layerKind, layerLabel } from '../../layers/kinds.ts'
import { probeOrigin } from '../../ssm/probe-origin/document.ts'
import type { PlannedCommand } from '../../statemachines/data/command.ts'
import type { EdgeProgress } from '../../statemachines/data/edge.ts'
import { InvalidRequest } from '../shared/errors.ts'
import { clip } from '../shared/mrkdwn.ts'
import { assetBodies, assetNotes, assetProblem, notifiesOnSuccess, namesAssets } from './assets.ts'
import { type Plan, PurgeRequest } from '../../statemachines/data/plan.ts'

/** What it takes to send a command to a part of a target's instances. */
interface CommandTarget {
  readonly target: Target
  readonly selector: Selector
  readonly part: PlannedCommand['part']
  readonly commands: Config['commands']
}

const planCommand = (
  id: string,
  { document, parameters }: CommandSpec,
  { target, selector, part, commands }: CommandTarget,
): Omit<PlannedCommand, 'label' | 'kind' | 'layerKind'> => ({
  id,
  document: `${commands.documentPrefix}${document}`,
  targets:
    'ids' in selector
      ? [{ Key: 'InstanceIds', Values: [...selector.ids] }]
      : selector.tags.map(({ key, values }) => ({ Key: `tag:${key}`, Values: values })),
  part,
  parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]])),
  comment: `purgeflow ${target.id}: ${id}${part.of > 1 ? ` ${part.index}/${part.of}` : ''}`,
  deliveryTimeoutSeconds: commands.deliveryTimeoutSeconds,
  pollSeconds: commands.pollSeconds,
  waits: pollWaits(commands),
  maxPolls: maxPolls(commands),
})

const planLayer = (layer: Layer, receiver: CommandTarget): PlannedCommand => ({
  ...planCommand(layer.id ?? layer.kind, layerKind(layer.kind).purge(layer), receiver),
  label: layerLabel(layer),
  kind: 'purge',
  layerKind: layer.kind,
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
  ProxyProtocol: origin.proxyProtocol ? 'yes' : 'no',
  ClientCertificate: origin.clientCertificate ?? '-',
  CacheHeader: cacheHeader,
  CachePaths: cachePathsOf(layers).join('|') || '-',
  NginxPidFiles: nginxPidFilesOf(layers).join('|') || '-',
  // Before a purge the cache may hold millions of files, and nobody asks how old they are.
  FindFiles: when === 'after' ? 'yes' : 'no',
})

/** A layer's own id holds no colon. */
const planProbe = (when: 'before' | 'after', probes: Probes, receiver: CommandTarget): PlannedCommand => ({
  ...planCommand(
    `probe:${when}`,
    { document: probeOrigin.name, parameters: probeParameters(when, probes, receiver.target.layers) },
    receiver,
  ),
  label: `Probe ${when}`,
  kind: 'probe',
  layerKind: null,
})

/** Goes the way of the layer that it inspects: same instances, same time-outs. */
const planInspection = (layer: Layer, receiver: CommandTarget): PlannedCommand => ({
  ...planCommand(`inspect:${layer.id ?? layer.kind}`, layerKind(layer.kind).inspect(layer), receiver),
  label: layerLabel(layer),
  kind: 'inspect',
  layerKind: layer.kind,
})

/** One for each part of the target's instances. */
const commandTargets = (target: Target, commands: Config['commands']): CommandTarget[] => {
  const selectors = target.instances ? selectorsOf(target.instances) : []
  return selectors.map((selector, index) => ({ target, selector, part: { index: index + 1, of: selectors.length }, commands }))
}

const planDryRun = (target: Target, commands: Config['commands']): Pick<Plan, 'commands' | 'preview'> => {
  const { layers, probes } = target
  const receivers = commandTargets(target, commands)
  const planned = layers.flatMap((layer) => receivers.map((receiver) => planInspection(layer, receiver)))
  return {
    // The probe before the first layer shows also here what the pages' caches say.
    commands: probes ? [...planned, ...receivers.map((receiver) => planProbe('before', probes, receiver))] : planned,
    preview: {
      steps: layers.map((layer) => ({
        id: `inspect:${layer.id ?? layer.kind}`,
        label: layerLabel(layer),
        action: layerKind(layer.kind).action(layer),
      })),
      probes: probes ? { urls: probes.urls.map((url) => new URL(url).href), hitStatuses: probes.hitStatuses } : null,
    },
  }
}

/** The layers in order, with a probe before and a probe after them where there are pages to probe. */
const planCommands = (
  target: Target,
  commands: Config['commands'],
): { readonly before: PlannedCommand[]; readonly commands: PlannedCommand[] } => {
  const { probes, layers } = target
  const receivers = commandTargets(target, commands)
  // Every part of a layer is purged before the next layer, which would refill from the parts that are not.
  const planned = layers.flatMap((layer) => receivers.map((receiver) => planLayer(layer, receiver)))
  const probe = (when: 'before' | 'after') => (probes ? receivers.map((receiver) => planProbe(when, probes, receiver)) : [])
  return { before: probe('before'), commands: [...planned, ...probe('after')] }
}

/** @param groupShare what a group leaves to each of its targets */
const planEdge = (edge: Edge, pending: PurgeBody[], patient: boolean, groupShare = 1): EdgeProgress => ({
  zoneId: edge.zoneId,
  credentials: edge.credentials,
  plan: edge.plan,
  status: 'pending',
  pending,
  accepted: [],
  bucket: { tokens: 0, at: 0 },
  turns: 0,
  waitedSeconds: 0,
  patient,
  // A storm makes several of these at once, and people's purges need room beside them.
  share: patient ? shareOfOneExecution : groupShare,
  waitSeconds: 0,
  reason: null,
  check: null,
})

const describe = (value: unknown): string => (value === undefined ? 'undefined' : clip(JSON.stringify(value), 60))

/** @param purged what a group purges beside this target */
const siblingNotes = (config: Config, target: Target, purged: readonly string[]): string[] =>
  siblingsOf(config, target)
    .filter(({ id }) => !purged.includes(id))
    .map(
      ({ id, label, region }) => `${label} (${id}, ${region}) serves the same site and was not purged: readers there may get the old copy`,
    )

const groupProblem = ({ urls, prefixes, group }: PurgeRequest): string | undefined => {
  if (urls !== undefined || prefixes !== undefined) return 'urls and prefixes are of one target'
  return group === undefined ? undefined : 'a group starts no groups'
}

const planGroup = (id: string, targets: readonly Target[], { source, requester, dryRun }: PurgeRequest): Plan => {
  const zones = new Set(targets.flatMap(({ edge }) => (edge ? [edge.zoneId] : [])))
  return {
    target: { id, label: id.includes(' ') ? targets.map(({ label }) => label).join(', ') : id, region: '' },
    source,
    requester: requester ?? null,
    mode: 'group',
    commands: [],
    edge: null,
    proof: null,
    notifiesOnSuccess: true,
    notes: [],
    preview: null,
    group: {
      dryRun,
      share: 1 / Math.max(1, zones.size),
      status: 'running',
      turns: 0,
      waitSeconds: 1,
      members: targets.map((target) => ({ id: target.id, label: target.label, region: target.region, executionArn: null, ending: null })),
    },
  }
}

/**
 * @param request the execution's input, as somebody typed it
 * @throws InvalidRequest that names the valid targets
 */
export const planPurge = (request: unknown, config: Config): Plan => {
  const ids = [...config.targets.map(({ id }) => id), ...Object.keys(config.groups)]
  const advice = `Start the execution with {"target": "${ids[0] ?? 'portal'}"}. Valid targets: ${ids.join(', ')}.`

  const parsed = PurgeRequest.safeParse(request)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'input'}: ${message}`)
    throw new InvalidRequest(`The input ${describe(request)} is not a purge request (${clip(problems.join('; '), 500)}). ${advice}`)
  }
  const { target: id, source, requester, dryRun } = parsed.data
  const named = targetsNamed(config, id)
  if (named !== undefined && named.length > 1) {
    const problem = groupProblem(parsed.data)
    if (problem !== undefined)
      throw new InvalidRequest(`The input ${describe(request)} is not a purge of several targets: ${problem}. ${advice}`)
    return planGroup(id, named, parsed.data)
  }
  const [target] = named ?? []
  if (target === undefined) throw new InvalidRequest(`Unknown target ${describe(id)}. ${advice}`)
  const problem = assetProblem(parsed.data, target)
  if (problem !== undefined) throw new InvalidRequest(`The input ${describe(request)} is not a purge of assets: ${problem}. ${advice}`)

  const { edge, probes } = target
  const common = {
    target: { id: target.id, label: target.label, region: target.region },
    source,
    requester: requester ?? null,
    group: null,
  }
  if (edge && namesAssets(parsed.data)) {
    const planned = planEdge(edge, assetBodies(parsed.data, edge), source === 's3')
    return {
      ...common,
      mode: 'assets',
      commands: [],
      edge: planned,
      proof: null,
      notifiesOnSuccess: notifiesOnSuccess(parsed.data, target),
      notes: assetNotes(parsed.data),
      preview: null,
    }
  }
  if (dryRun) {
    const planned = edge ? planEdge(edge, bodiesOf(edge), false) : null
    const asked = planned && { ...planned, check: { outcome: 'unasked' as const, said: '' } }
    return {
      ...common,
      mode: 'dry-run',
      ...planDryRun(target, config.commands),
      edge: asked,
      proof: null,
      notifiesOnSuccess: true,
      notes: [],
    }
  }
  const { before, commands } = planCommands(target, config.commands)
  const plannedEdge = edge ? planEdge(edge, bodiesOf(edge), false, parsed.data.group?.share) : null
  return {
    ...common,
    mode: 'purge',
    commands: [...before, ...commands],
    edge: plannedEdge,
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
          retried: [],
          purged: [],
        }
      : null,
    notifiesOnSuccess: true,
    notes: siblingNotes(config, target, parsed.data.group?.members ?? []),
    preview: null,
  }
}
