// What Confirm Layer gets from the Map iteration, and what it says of a layer that every instance purged.

import * as z from 'zod'
import { PlannedLayer } from '../../statemachines/data/command.ts'

export const ConfirmRequest = z.object({
  layer: PlannedLayer,
  command: z.object({ id: z.string() }),
  /** The parent command at the last look; absent when no look succeeded. */
  poll: z.object({ statuses: z.array(z.string()), details: z.array(z.string()), targetCounts: z.array(z.int()).optional() }).optional(),
  /** Present when the state machine gave up waiting and asked for a cancel. */
  cancel: z.unknown().optional(),
})
export type ConfirmRequest = z.infer<typeof ConfirmRequest>
