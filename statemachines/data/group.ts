// A purge of several targets: an execution that starts one of its own machine for each, and follows them to their ends.

import * as z from 'zod'

/** How a target's own execution ended. */
export const MemberEnding = z.object({
  /** `done`: a dry run, or a purge without a verdict, that came to its end. */
  verdict: z.enum(['verified', 'unproven', 'failed', 'done']),
  /** The title of its own report and, where it failed, the reason. Short: a hundred of them travel. */
  said: z.string(),
})
export type MemberEnding = z.infer<typeof MemberEnding>

export const GroupMember = z.object({
  id: z.string(),
  label: z.string(),
  region: z.string(),
  /** Null until it is started. */
  executionArn: z.string().nullable(),
  /** Null while it runs. */
  ending: MemberEnding.nullable(),
})
export type GroupMember = z.infer<typeof GroupMember>

export const Group = z.object({
  dryRun: z.boolean(),
  /** Of the rate limit of Cloudflare, for each: their zones may be of one account. */
  share: z.number().positive().max(1),
  /** `failed`: all have ended, or are given up, and one of them not well. */
  status: z.enum(['running', 'done', 'failed']),
  turns: z.int().nonnegative(),
  waitSeconds: z.int().positive(),
  members: z.array(GroupMember).min(2),
})
export type Group = z.infer<typeof Group>
