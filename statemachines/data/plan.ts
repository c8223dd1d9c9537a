// What an execution is started with, and the plan that the state machine then follows.

import * as z from 'zod'
import { Proof } from './proof.ts'
import { EdgeProgress, PurgeFile } from './edge.ts'
import { PlannedLayer } from './command.ts'

/** `{"target": "portal"}` is enough; the rest says who asked and by which door. */
export const PurgeRequest = z.strictObject({
  target: z.string(),
  source: z.enum(['slack', 'manual', 's3']).default('manual'),
  /** A Slack user id, or any words that name the person or the system that asked. */
  requester: z.string().trim().min(1).max(100).optional(),
  /** Purges these of the target's bucket at the edge, and nothing else. What intake-s3 starts; by hand it repeats a purge that failed. */
  urls: z.array(PurgeFile).optional(),
  /** Host and path, each in the place of so many URLs under it. */
  prefixes: z.array(z.strictObject({ prefix: z.string(), insteadOf: z.int().positive() })).optional(),
  /** Only looks at what a purge of the target would find, and deletes nothing. */
  dryRun: z.boolean().default(false),
})
export type PurgeRequest = z.infer<typeof PurgeRequest>

export { PlannedLayer } from './command.ts'

/** What a dry run says that a purge would do, in order. */
const DryRunStep = z.strictObject({
  /** Of the command that looks at this layer. */
  id: z.string(),
  label: z.string(),
  /** `delete the content of /var/cache/nginx/portal and reload nginx` */
  would: z.string(),
})

export const DryRun = z.strictObject({
  steps: z.array(DryRunStep),
  /** The pages that a purge would probe, and what their cache says of a copy; null where the target names none. */
  probes: z.strictObject({ urls: z.array(z.string()), hitStatuses: z.array(z.string()) }).nullable(),
})
export type DryRun = z.infer<typeof DryRun>

export const Plan = z.strictObject({
  target: z.strictObject({ id: z.string(), label: z.string(), region: z.string() }),
  source: PurgeRequest.shape.source,
  requester: z.string().nullable(),
  layers: z.array(PlannedLayer),
  hasEdge: z.boolean(),
  edge: EdgeProgress.nullable(),
  hasProbes: z.boolean(),
  /** What is to be probed, and what has been found; the machine hands it from one probe to the next. */
  proof: Proof.nullable(),
  /** Whether a purge that went well posts a message too. */
  notify: z.enum(['always', 'failures']),
  /** What a reader of the report should know about the plan, in words. */
  notes: z.array(z.string()),
  /** Null in a purge. In a dry run every command only looks, and the edge is only asked whether it would let us. */
  dryRun: DryRun.nullable().default(null),
})
export type Plan = z.infer<typeof Plan>
