// Makes the report of a purge: what was done, what was not, and why. No I/O, no clock.

import type { EdgeProgress } from '../../statemachines/data/edge.ts'
import { latestOutcomes, type LayerOutcome, reasonOf } from '../../statemachines/data/outcome.ts'
import { describeFinding } from '../../statemachines/data/proof.ts'
import type { Proof } from '../../statemachines/data/proof.ts'
import type { PlannedCommand } from '../../statemachines/data/command.ts'
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
    source: plan.source,
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
}

const edgeOutcome = (edge: EdgeProgress, started: boolean, interrupted: boolean): 'accepted' | 'failed' | 'interrupted' | 'untouched' => {
  if (edge.status === 'done') return 'accepted'
  if (!started) return 'untouched'
  return interrupted ? 'interrupted' : 'failed'
}

const nothingKnown: Progress = {
  plan: undefined,
  unreadable: false,
  started: new Set(),
  confirmed: new Map(),
  edgeStarted: false,
  proof: null,
}

/** @param progress undefined when the history could not be read */
export const reportFailure = (
  { executionArn, startedAt, endedAt, reason, interrupted }: Failure,
  progress: Progress | undefined,
): Findings => {
  const { plan, started, confirmed, edgeStarted } = progress ?? nothingKnown
  return {
    verdict: 'failed',
    target: plan ? { id: plan.target.id, label: plan.target.label } : null,
    source: plan?.source ?? null,
    requester: plan?.requester ?? null,
    layers: (plan?.commands ?? [])
      .filter(({ kind, part }) => kind === 'purge' && part.index === 1)
      .map((layer) => {
        const outcome = confirmed.get(layer.id)
        if (outcome) return doneLayer(outcome)
        if (!started.has(layer.id)) return undoneLayer(layer, 'untouched')
        return undoneLayer(layer, interrupted ? 'interrupted' : 'failed')
      }),
    edge: plan?.edge ? { outcome: edgeOutcome(plan.edge, edgeStarted, interrupted), accepted: plan.edge.accepted } : null,
    notes: plan?.notes ?? [],
    proof: reportProof(progress?.proof ?? null),
    complete: progress?.unreadable === false,
    failure: reason,
    seconds: secondsBetween(startedAt, endedAt),
    executionArn,
  }
}
