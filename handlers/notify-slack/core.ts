// Makes the report of a purge: what was done, what was not, and why. No I/O, no clock.

import type { EdgeProgress } from '../../statemachines/data/edge.ts'
import { latestOutcomes, type LayerOutcome, reasonOf } from '../../statemachines/data/outcome.ts'
import { describeFinding } from '../../statemachines/data/proof.ts'
import type { Proof } from '../../statemachines/data/proof.ts'
import type { PlannedCommand } from '../../statemachines/data/command.ts'
import { sourceOf } from './words.ts'
import type { Progress } from './history.ts'
import type { LayerReport, PurgeEnded, Report } from './schema.ts'

/** A report before it is put into words. */
export type Findings = Omit<Report, 'text'>

const distinct = (values: readonly string[]): string[] => [...new Set(values)]

const doneLayer = ({ id, label, outcome, seconds, freedBytes, files, instances }: LayerOutcome): LayerReport => ({
  id,
  label,
  outcome,
  verdict: 'unproven',
  seconds,
  freedBytes,
  files,
  instances: instances.length,
  details: distinct(instances.map(({ detail }) => detail)),
})

const undoneLayer = ({ id, label }: PlannedCommand, outcome: 'failed' | 'interrupted' | 'untouched'): LayerReport => ({
  id,
  label,
  outcome,
  verdict: 'failed',
  seconds: null,
  freedBytes: null,
  files: null,
  instances: null,
  details: [],
})

export const secondsBetween = (start: number, end: number): number => Math.max(0, Math.round((end - start) / 100) / 10)

const isPurged = (outcome: PurgeEnded['layers'][number]): outcome is LayerOutcome =>
  outcome.outcome === 'purged' || outcome.outcome === 'nothing-cached'

const reportProof = (proof: Proof | null): Findings['proof'] =>
  proof && { rounds: proof.round, findings: proof.findings, retried: proof.retried }

const staleReason = ({ findings, round }: Proof): string => {
  const stale = findings.filter(({ verdict }) => verdict === 'stale')
  return [`The old copy is still served, after ${round} purges:`, ...stale.slice(0, 10).map(describeFinding)].join('\n')
}

/** A probe that broke saw nothing: what an earlier round found was before this round's purge. */
const unproven = (proof: Proof, purged: readonly LayerOutcome[], { Error, Cause }: NonNullable<PurgeEnded['probeFailure']>): Proof => ({
  ...proof,
  verdict: 'unproven',
  purged: latestOutcomes(proof.purged, purged),
  findings: proof.urls.map((url) => ({
    where: 'Probe',
    url,
    verdict: 'unproven',
    evidence: 'not seen',
    cause: `the probe broke: ${reasonOf(Error, Cause)}`,
  })),
})

/** @param now epoch milliseconds */
export const reportEnd = ({ execution, plan: planned, layers, probeFailure }: PurgeEnded, now: number): Findings => {
  const purged = layers.filter(isPurged)
  const proof = planned.proof && probeFailure ? unproven(planned.proof, purged, probeFailure) : planned.proof
  const plan = { ...planned, proof }
  return {
    verdict: plan.proof?.verdict ?? 'unproven',
    target: { id: plan.target.id, label: plan.target.label },
    source: sourceOf(execution.arn, plan.source),
    requester: plan.requester,
    layers: (plan.proof?.purged ?? purged).map(doneLayer),
    edge: plan.edge && { outcome: 'accepted', accepted: distinct(plan.edge.accepted) },
    notes: plan.notes,
    proof: reportProof(plan.proof),
    complete: true,
    failure: plan.proof?.verdict === 'stale' ? staleReason(plan.proof) : null,
    seconds: secondsBetween(Date.parse(execution.startedAt), now),
    executionArn: execution.arn,
  }
}

export interface Failure {
  readonly executionArn: string
  /** Epoch milliseconds. */
  readonly startedAt: number
  /** Epoch milliseconds. */
  readonly endedAt: number
  /** Why, in words. */
  readonly reason: string
  /** Stopped from outside, so that what was running is neither done nor failed by itself. */
  readonly interrupted: boolean
  /** Only its report failed, if everything else was done. */
  readonly ofReport: boolean
}

/** A purge that was done is what its probes say, also where its report came late. */
const verdictOf = ({ proof, plan }: Progress, layers: readonly LayerReport[], edge: Report['edge']): Report['verdict'] => {
  const done = plan !== undefined && layers.every(({ verdict }) => verdict !== 'failed') && (edge?.outcome ?? 'accepted') === 'accepted'
  return done && proof?.next !== 'purge-again' ? (proof?.verdict ?? 'unproven') : 'failed'
}

const edgeOutcome = (
  { status }: EdgeProgress,
  { edgeStarted, edgePurgedBefore }: Pick<Progress, 'edgeStarted' | 'edgePurgedBefore'>,
  interrupted: boolean,
): NonNullable<Report['edge']>['outcome'] => {
  if (status === 'done') return 'accepted'
  if (!edgeStarted) return edgePurgedBefore ? 'accepted-before' : 'untouched'
  return interrupted ? 'interrupted' : 'failed'
}

const nothingKnown: Progress = {
  plan: undefined,
  unreadable: false,
  started: new Set(),
  confirmed: new Map(),
  edgeStarted: false,
  edgePurgedBefore: false,
  proof: null,
}

/** @param progress undefined when the history could not be read */
export const reportFailure = (
  { executionArn, startedAt, endedAt, reason, interrupted, ofReport }: Failure,
  progress: Progress | undefined,
): Findings => {
  const known = progress ?? nothingKnown
  const { plan, started, confirmed } = known
  const layers = (plan?.commands ?? [])
    .filter(({ kind, part }) => kind === 'purge' && part.index === 1)
    .map((layer) => {
      const outcome = confirmed.get(layer.id)
      if (outcome) return doneLayer(outcome)
      if (!started.has(layer.id)) return undoneLayer(layer, 'untouched')
      return undoneLayer(layer, interrupted ? 'interrupted' : 'failed')
    })
  const edge = plan?.edge ? { outcome: edgeOutcome(plan.edge, known, interrupted), accepted: distinct(plan.edge.accepted) } : null
  return {
    verdict: ofReport ? verdictOf(known, layers, edge) : 'failed',
    target: plan ? { id: plan.target.id, label: plan.target.label } : null,
    source: plan ? sourceOf(executionArn, plan.source) : null,
    requester: plan?.requester ?? null,
    layers,
    edge,
    notes: plan?.notes ?? [],
    proof: reportProof(progress?.proof ?? null),
    complete: progress?.unreadable === false,
    failure: reason,
    seconds: secondsBetween(startedAt, endedAt),
    executionArn,
  }
}
