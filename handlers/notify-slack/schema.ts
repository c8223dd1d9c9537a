// What notify-slack is called with, by the state machine and by EventBridge, and the report that it makes of it.

import * as z from 'zod'
import { InspectOutcome } from '../../statemachines/data/inspection.ts'
import { LayerOutcome, NoResult, ProbeOutcome } from '../../statemachines/data/outcome.ts'
import { mergeParts } from '../../statemachines/data/parts.ts'
import { Finding } from '../../statemachines/data/proof.ts'
import { Plan } from '../../statemachines/data/plan.ts'

const Failure = z.object({ Error: z.string(), Cause: z.string().default('') })
const Execution = z.object({ arn: z.string(), startedAt: z.string() })

/** From the states Notify Slack and Notify Stale: every command went well. Whether that helped stands in the plan's proof. */
const PurgeEnded = z.object({
  execution: Execution,
  request: z.unknown().optional(),
  plan: Plan,
  layers: z
    .array(z.union([LayerOutcome, ProbeOutcome, InspectOutcome, NoResult]))
    .transform(mergeParts)
    .default([]),
  /** Why Probe Edge broke, where it did: the purge is done then, and unproven. */
  probeFailure: Failure.optional(),
})
export type PurgeEnded = z.infer<typeof PurgeEnded>

/** From the state Notify Failure. What was done until then is read from the execution's history. */
const PurgeFailed = z.object({
  execution: Execution,
  request: z.unknown(),
  failure: Failure,
})

/** From the EventBridge rule, for every ending that the state machine could not report itself. */
const ExecutionEnded = z.object({
  'detail-type': z.literal('Step Functions Execution Status Change'),
  detail: z.object({
    executionArn: z.string(),
    status: z.enum(['FAILED', 'TIMED_OUT', 'ABORTED']),
    /** Epoch milliseconds. */
    startDate: z.number(),
    stopDate: z.number().nullish(),
    input: z.string().nullish(),
    error: z.string().nullish(),
    cause: z.string().nullish(),
  }),
})
export type ExecutionEnded = z.infer<typeof ExecutionEnded>

export const NotifyRequest = z.union([ExecutionEnded, PurgeFailed, PurgeEnded])
export type NotifyRequest = z.infer<typeof NotifyRequest>

const DryRunRequest = z.object({ dryRun: z.literal(true) })

/** Whether the execution's input asked for a dry run: known also where no plan was made of it. */
export const wantsDryRun = (request: unknown): boolean => DryRunRequest.safeParse(request).success

const LayerReport = z.object({
  id: z.string(),
  label: z.string(),
  outcome: z.enum(['purged', 'nothing-cached', 'failed', 'interrupted', 'untouched']),
  /** `unproven`: the command succeeded, and that is all. What a visitor gets stands in `proof`. */
  verdict: z.enum(['unproven', 'failed']),
  seconds: z.number().nullable(),
  freedBytes: z.int().nullable(),
  files: z.int().nullable(),
  instances: z.int().nullable(),
  details: z.array(z.string()),
})
export type LayerReport = z.infer<typeof LayerReport>

const EdgeReport = z.object({
  /** `accepted-before`: in the first round alone; the second ended before it came to the edge. */
  outcome: z.enum(['accepted', 'accepted-before', 'failed', 'interrupted', 'untouched']),
  /** What Cloudflare accepted in the turns that ended, in words; a turn that failed may have had more accepted before it did. */
  accepted: z.array(z.string()),
})

/** The output of the execution, and all that a message says. */
export const Report = z.object({
  verdict: z.enum(['verified', 'stale', 'unproven', 'failed']),
  target: z.object({ id: z.string(), label: z.string() }).nullable(),
  source: z.string().nullable(),
  requester: z.string().nullable(),
  layers: z.array(LayerReport),
  edge: EdgeReport.nullable(),
  /** What else a reader should know, in words. */
  notes: z.array(z.string()),
  /** What the probes saw; null where there was nothing to probe, or it did not come to that. */
  proof: z.object({ rounds: z.int(), findings: z.array(Finding), retried: z.array(z.string()) }).nullable(),
  /** False when the history could not be read: then what is not listed may have been purged or not. */
  complete: z.boolean(),
  /** Why it failed, in words; null when it did not. */
  failure: z.string().nullable(),
  seconds: z.number(),
  executionArn: z.string(),
  /** The message as plain text. */
  text: z.string(),
})
export type Report = z.infer<typeof Report>
