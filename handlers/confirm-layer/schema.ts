// What Confirm Layer gets from the Map iteration, and what it says of a layer that every instance purged.

import * as z from 'zod'
import { PlannedLayer } from '../plan-purge/schema.ts'

export const ConfirmRequest = z.object({
  layer: PlannedLayer,
  command: z.object({ id: z.string() }),
  /** The parent command at the last look; absent when no look succeeded. */
  poll: z.object({ statuses: z.array(z.string()), details: z.array(z.string()), targetCounts: z.array(z.int()).optional() }).optional(),
  /** Present when the state machine gave up waiting and asked for a cancel. */
  cancel: z.unknown().optional(),
})
export type ConfirmRequest = z.infer<typeof ConfirmRequest>

/** The last line that every script in ssm/ prints. */
export const ScriptResult = z.object({
  action: z.enum(['deleted', 'flushed', 'empty', 'absent']),
  freedBytes: z.int().nonnegative(),
  files: z.int().nonnegative(),
  detail: z.string(),
})
export type ScriptResult = z.infer<typeof ScriptResult>

export const LayerOutcome = z.strictObject({
  id: z.string(),
  label: z.string(),
  outcome: z.enum(['purged', 'nothing-cached']),
  commandId: z.string(),
  /** From the request to the last instance's end. */
  seconds: z.number().nonnegative(),
  freedBytes: z.int().nonnegative(),
  files: z.int().nonnegative(),
  instances: z.array(z.strictObject({ instanceId: z.string(), ...ScriptResult.shape })),
})
export type LayerOutcome = z.infer<typeof LayerOutcome>
