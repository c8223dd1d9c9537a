// Judges a round of a purge from everything that was seen, and decides what is purged once more. No I/O, no clock.

import { latestOutcomes, type LayerOutcome, type NoResult, type ProbeOutcome, reasonOf } from '../../statemachines/data/outcome.ts'
import type { Plan } from '../../statemachines/data/plan.ts'
import type { PlannedCommand } from '../../statemachines/data/command.ts'
import { layerKind } from '../../layers/kinds.ts'
import { judgeOrigin } from './freshness.ts'
import { describeFinding, type Finding, type Proof } from '../../statemachines/data/proof.ts'
import type { ProbeRequest } from './schema.ts'

type Outcome = LayerOutcome | ProbeOutcome | NoResult
const isProbed = (outcome: Outcome): outcome is ProbeOutcome => outcome.outcome === 'probed'
const isPurged = (outcome: Outcome): outcome is LayerOutcome => outcome.outcome === 'purged' || outcome.outcome === 'nothing-cached'
const isMissing = (outcome: Outcome): outcome is NoResult => outcome.outcome === 'no-result'

const cachePathOf = (commands: readonly PlannedCommand[], id: string): string | undefined => {
  const command = commands.find((candidate) => candidate.id === id)
  return command?.layerKind == null ? undefined : command.parameters[layerKind(command.layerKind).pageFiles?.directory ?? '']?.[0]
}

/** A number that was seen says more than that another could not be. */
const mostInFlight = (counts: readonly (number | 'unknown')[]): number | 'unknown' => {
  const most = Math.max(0, ...counts.filter((count) => count !== 'unknown'))
  return most === 0 && counts.includes('unknown') ? 'unknown' : most
}

/** What the purges of nginx's caches on one instance said of themselves. */
const nginxPurges = (purged: readonly LayerOutcome[], commands: readonly PlannedCommand[], instanceId: string) => {
  const own = purged.flatMap(({ id, instances }) => {
    const path = cachePathOf(commands, id)
    return path === undefined
      ? []
      : instances.filter((instance) => instance.instanceId === instanceId).map((instance) => ({ path, instance }))
  })
  return {
    purgeStartedAt: new Map(own.map(({ path, instance }) => [path, instance.began ?? Infinity])),
    inFlight: mostInFlight(own.map(({ instance }) => instance.inFlight ?? 0)),
  }
}

/** Instances that answered alike are one finding. */
const grouped = (findings: readonly Finding[]): Finding[] => {
  const groups = new Map<string, Finding[]>()
  for (const finding of findings) {
    const key = JSON.stringify({ ...finding, where: '' })
    groups.set(key, [...(groups.get(key) ?? []), finding])
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    const more = group.length > 3 ? ` and ${group.length - 3} more` : ''
    return first
      ? [
          {
            ...first,
            where:
              group
                .slice(0, 3)
                .map(({ where }) => where)
                .join(', ') + more,
          },
        ]
      : []
  })
}

/** `#2` is the second of the probe's own CachePaths. */
const zoneOf = (zone: string, commands: readonly PlannedCommand[]): string => {
  const place = /^#(\d+)$/.exec(zone)?.[1]
  if (place === undefined) return zone
  const paths = commands.find(({ id }) => id === 'probe:after')?.parameters['CachePaths']?.[0]?.split('|') ?? []
  return paths[Number(place) - 1] ?? zone
}

const observedBefore = (outcomes: readonly Outcome[]): Proof['before'] => {
  const probe = outcomes.filter(isProbed).find(({ id }) => id === 'probe:before')
  return probe && Object.fromEntries(probe.instances.map(({ instanceId, probes }) => [instanceId, probes.map(({ cache }) => cache)]))
}

const originFindings = (
  { urls, hitStatuses, commands, round, before }: Proof,
  purged: readonly LayerOutcome[],
  outcomes: readonly Outcome[],
): Finding[] => [
  ...outcomes
    .filter(isMissing)
    .filter(({ id }) => id === 'probe:after')
    .flatMap(({ error, cause }) =>
      urls.map((url): Finding => ({ where: 'origin', url, verdict: 'unproven', evidence: 'not seen', cause: reasonOf(error, cause) })),
    ),
  ...outcomes
    .filter(isProbed)
    .filter(({ id }) => id === 'probe:after')
    .flatMap(({ instances, unseen }) => [
      ...unseen.flatMap(({ instanceId, reason }) =>
        urls.map((url): Finding => ({ where: instanceId, url, verdict: 'unproven', evidence: 'not seen', cause: reason })),
      ),
      ...instances.flatMap(({ instanceId, now, openFileCache, probes: observations }) =>
        urls.map((url, index): Finding => {
          const observation = observations[index]
          if (observation === undefined)
            return { where: instanceId, url, verdict: 'unproven', evidence: 'not seen', cause: 'the probe did not report it' }
          return {
            where: instanceId,
            url,
            ...judgeOrigin(
              { ...observation, zone: zoneOf(observation.zone, commands) },
              {
                hitStatuses,
                now,
                openFileCache,
                before: before?.[instanceId]?.[index],
                isLast: round > 0,
                ...nginxPurges(purged, commands, instanceId),
              },
            ),
          }
        }),
      ),
    ]),
]

const verdictOf = (findings: readonly Finding[], hasLayers: boolean, hasEdge: boolean): Proof['verdict'] => {
  if (findings.some(({ verdict }) => verdict === 'stale')) return 'stale'
  const atEdge = findings.filter(({ where }) => where === 'edge')
  const complete = (!hasEdge || atEdge.length > 0) && (!hasLayers || findings.length > atEdge.length)
  return complete && findings.length > 0 && findings.every(({ verdict }) => verdict === 'fresh') ? 'verified' : 'unproven'
}

/** The layer that is stale and everything outside it, in order; nothing when only the edge is stale. */
const staleCommands = ({ commands }: Proof, findings: readonly Finding[]): PlannedCommand[] => {
  if (!findings.some(({ where, verdict }) => where !== 'edge' && verdict === 'stale')) return []
  // The cache header is nginx's. Without an nginx layer nobody knows which layer it was.
  const first = commands.findIndex(({ id }) => cachePathOf(commands, id) !== undefined)
  return commands.slice(Math.max(0, first))
}

/** A second round that purges the edge alone asks no instance: what the first one knew still holds. */
export const originCleanAtOf = ({ plan, layers }: ProbeRequest): number | undefined => {
  const after = layers.find(({ id }) => id === 'probe:after')
  if (after === undefined) return plan.proof.originCleanAt
  return isProbed(after) ? after.requestedAt : undefined
}

/**
 * @param outcomes what the commands of this round brought
 * @param atEdge what the edge answered; empty where the target has none
 * @returns the plan as it goes on: with the proof, and for a second round with what that round has to do
 */
export const judgeRound = (request: ProbeRequest, atEdge: readonly Finding[]): Plan => {
  const { plan, layers: outcomes } = request
  const originCleanAt = originCleanAtOf(request)
  const before = observedBefore(outcomes)
  const proof: Proof = {
    ...plan.proof,
    ...(originCleanAt === undefined ? {} : { originCleanAt: originCleanAt }),
    ...(before === undefined ? {} : { before }),
  }
  const purged = latestOutcomes(proof.purged, outcomes.filter(isPurged))
  const probedNow = outcomes.some(({ id }) => id === 'probe:after')
  const atOrigin = probedNow ? grouped(originFindings(proof, purged, outcomes)) : proof.findings.filter(({ where }) => where !== 'edge')
  const findings = [...atOrigin, ...atEdge]
  const verdict = verdictOf(findings, proof.commands.length > 0, plan.edge !== null)
  const round = proof.round + 1
  const judged: Proof = { ...proof, round, purged, findings, verdict, next: 'done' }
  if (verdict !== 'stale') return { ...plan, proof: judged }
  if (round > 1) return { ...plan, proof: { ...judged, next: 'report-stale' } }
  const retried = findings.filter((finding) => finding.verdict === 'stale').map((finding) => describeFinding({ ...finding, cause: '' }))
  return {
    ...plan,
    commands: staleCommands(proof, findings),
    edge: plan.edge && {
      ...plan.edge,
      status: 'pending',
      pending: proof.edgeBodies,
      turns: 0,
      waitedSeconds: 0,
      waitSeconds: 0,
      reason: null,
    },
    proof: { ...judged, next: 'purge-again', retried },
  }
}
