// Where one command cannot reach all instances of a target, several do, and each brings an outcome. Whoever reads outcomes
// reads one a layer.

import type { InspectOutcome } from './inspection.ts'
import type { LayerOutcome, NoResult, ProbeOutcome } from './outcome.ts'

/** An instance that two parts reached was purged by the first. */
const joined = <Instance extends { readonly instanceId: string }>(one: readonly Instance[], other: readonly Instance[]): Instance[] => [
  ...one,
  ...other.filter(({ instanceId }) => !one.some((instance) => instance.instanceId === instanceId)),
]

export const mergeLayers = (one: LayerOutcome, other: LayerOutcome): LayerOutcome => ({
  ...one,
  outcome: one.outcome === 'purged' || other.outcome === 'purged' ? 'purged' : 'nothing-cached',
  seconds: one.seconds + other.seconds,
  freedBytes: one.freedBytes + other.freedBytes,
  files: one.files + other.files,
  instances: joined(one.instances, other.instances),
})

/** All were requested after the earlier request. */
const earlier = (one: ProbeOutcome, other: ProbeOutcome): { readonly requestedAt?: number } =>
  one.requestedAt === undefined || other.requestedAt === undefined ? {} : { requestedAt: Math.min(one.requestedAt, other.requestedAt) }

const mergeProbes = ({ requestedAt, ...one }: ProbeOutcome, other: ProbeOutcome): ProbeOutcome => ({
  ...one,
  ...(requestedAt === undefined ? {} : earlier({ ...one, requestedAt }, other)),
  instances: joined(one.instances, other.instances),
  unseen: joined(one.unseen, other.unseen),
})

type Purged = LayerOutcome | ProbeOutcome | NoResult
export type Outcome = Purged | InspectOutcome

/** Undefined where they are no parts of one command, or one of them brought nothing. */
const merge = (one: Outcome, other: Outcome): Outcome | undefined => {
  if (one.id !== other.id || one.outcome === 'no-result' || other.outcome === 'no-result') return undefined
  if (one.outcome === 'inspected')
    return other.outcome === 'inspected'
      ? { ...one, instances: joined(one.instances, other.instances), unseen: joined(one.unseen, other.unseen) }
      : undefined
  if (one.outcome === 'probed') return other.outcome === 'probed' ? mergeProbes(one, other) : undefined
  return other.outcome === 'probed' || other.outcome === 'inspected' ? undefined : mergeLayers(one, other)
}

/** @returns one outcome a command, however many parts it had */
export const mergeParts = (outcomes: readonly Outcome[]): Outcome[] => {
  const merged: Outcome[] = []
  for (const outcome of outcomes) {
    const at = merged.findIndex((earlier) => merge(earlier, outcome) !== undefined)
    const earlier = merged[at]
    const both = earlier && merge(earlier, outcome)
    if (both) merged[at] = both
    else merged.push(outcome)
  }
  return merged
}

/** The same for a purge, which inspects nothing. */
export const mergePurgeParts = (outcomes: readonly Purged[]): Purged[] =>
  mergeParts(outcomes).filter((outcome) => outcome.outcome !== 'inspected')
