// What Probe Edge gets from the state machine: everything, for it judges the origin's probes together with its own.

import * as z from 'zod'
import { LayerOutcome, NoResult, ProbeOutcome } from '../../statemachines/data/outcome.ts'
import { mergePurgeParts } from '../../statemachines/data/parts.ts'
import { Plan } from '../../statemachines/data/plan.ts'

/** Before the first command: there is nothing to judge yet. */
export const BeforeRequest = z.object({ plan: Plan.extend({ proof: Plan.shape.proof.unwrap() }) })
export type BeforeRequest = z.infer<typeof BeforeRequest>

export const ProbeRequest = z.object({
  plan: Plan.extend({ proof: Plan.shape.proof.unwrap() }),
  layers: z.array(z.union([LayerOutcome, ProbeOutcome, NoResult])).transform(mergePurgeParts),
})
export type ProbeRequest = z.infer<typeof ProbeRequest>
