// What an execution is started with, and the plan that the state machine then follows. Executions outlive deployments, so what travels
// lets unknown keys pass, and a key that comes later has a default.

import * as z from 'zod'
import { Proof } from './proof.ts'
import { EdgeProgress } from './edge.ts'
import { PurgeFile } from '../../edge/cloudflare/bodies.ts'
import { Group } from './group.ts'
import { PlannedCommand } from './command.ts'

/** `{"target": "portal"}` is enough, also with a group or with several names and a space between; the rest says who asked and from which source. */
export const PurgeRequest = z.strictObject({
  target: z.string(),
  source: z.enum(['slack', 'manual', 's3']).default('manual'),
  /** A Slack user id, or any words that name the person or the system that asked. */
  requester: z.string().trim().min(1).max(100).optional(),
  /** Purges these of the target's bucket at the edge, and nothing else. What intake-s3 starts; by hand it repeats a purge that failed. */
  urls: z.array(PurgeFile).optional(),
  /** Host and path, each in the place of so many URLs under it. */
  prefixes: z.array(z.strictObject({ prefix: z.string(), insteadOf: z.int().positive() })).optional(),
  /** Only reads what a purge of the target would find, and deletes nothing. */
  dryRun: z.boolean().default(false),
  /** Of a target that a group purges: it tells nobody, for the group does, and takes this part of Cloudflare's rate limit. */
  group: z.strictObject({ share: z.number().positive().max(1), members: z.array(z.string()).default([]) }).optional(),
})
export type PurgeRequest = z.infer<typeof PurgeRequest>

/** What a dry run says that a purge would do, in order. */
const PreviewStep = z.object({
  /** Of the command that inspects this layer. */
  id: z.string(),
  label: z.string(),
  /** `delete the content of /var/cache/nginx/portal and reload nginx` */
  action: z.string(),
})

export const Preview = z.object({
  steps: z.array(PreviewStep),
  /** The pages that a purge would probe, and what their cache says of a copy; null where the target names none. */
  probes: z.object({ urls: z.array(z.string()), hitStatuses: z.array(z.string()) }).nullable(),
})
export type Preview = z.infer<typeof Preview>

export const Plan = z.object({
  target: z.object({ id: z.string(), label: z.string(), region: z.string() }),
  source: PurgeRequest.shape.source,
  requester: z.string().nullable(),
  /** `purge`: the target, layers and edge. `assets`: URLs of its bucket, at the edge alone. `dry-run`: every command only reads, and the edge is only asked whether it would let us. `group`: an execution of its own for each of several targets. */
  mode: z.enum(['purge', 'assets', 'dry-run', 'group']),
  /** What Run Command does in this round, in order. */
  commands: z.array(PlannedCommand),
  /** Null where the target has none. */
  edge: EdgeProgress.nullable(),
  /** What is to be probed, and what has been found: the machine hands it from one probe to the next. Null where nothing is. */
  proof: Proof.nullable(),
  /** Whether it posts a message also when it went well. */
  notifiesOnSuccess: z.boolean(),
  /** What a reader of the report should know about the plan, in words. */
  notes: z.array(z.string()),
  /** What a purge would do; null but in a dry run. */
  preview: Preview.nullable().default(null),
  /** Null but where several targets are purged. */
  group: Group.nullable().default(null),
})
export type Plan = z.infer<typeof Plan>
