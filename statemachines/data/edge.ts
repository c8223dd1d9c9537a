// The edge purge as it travels through the state machine: what is left, what is done, and how fast we may go.

import * as z from 'zod'
import { PurgeBody } from '../../edge/cloudflare/bodies.ts'
import { Edge } from '../../edge/cloudflare/schema.ts'

/** What a dry run learns of the credentials: whether Cloudflare would let them purge this zone. */
export const EdgeCheck = z.object({
  outcome: z.enum(['unasked', 'allowed', 'refused', 'unknown']),
  /** Cloudflare's own words, or ours where it was not asked. */
  said: z.string(),
})
export type EdgeCheck = z.infer<typeof EdgeCheck>

export const EdgeProgress = z.object({
  zoneId: Edge.shape.zoneId,
  credentials: Edge.shape.credentials,
  plan: Edge.shape.plan,
  status: z.enum(['pending', 'throttled', 'done']),
  /** Requests still to send, in order. */
  pending: z.array(PurgeBody),
  /** What Cloudflare has accepted, in words for the report. */
  accepted: z.array(z.string()),
  /** Our own copy of Cloudflare's token bucket; `at` is epoch milliseconds, 0 before the first turn. */
  bucket: z.object({ tokens: z.number(), at: z.int() }),
  /** In a row, in which Cloudflare accepted nothing. */
  turns: z.int().nonnegative(),
  /** In all, since Cloudflare last accepted something. */
  waitedSeconds: z.number().nonnegative().default(0),
  /** Nobody waits for it: it outlasts an outage of hours, and gives way to other purges where Cloudflare's limit is met. */
  patient: z.boolean(),
  /** Which part of the account's limit this purge allows itself, up to 1. Others may be under way. */
  share: z.number().positive().max(1),
  waitSeconds: z.int().nonnegative(),
  /** Why the last turn ended early, in words. */
  reason: z.string().nullable(),
  /** Null in a purge. In a dry run nothing is purged, and `pending` is what would be. */
  check: EdgeCheck.nullable().default(null),
})
export type EdgeProgress = z.infer<typeof EdgeProgress>
