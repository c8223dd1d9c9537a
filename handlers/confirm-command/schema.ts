// What Confirm Command gets from the Map iteration.

import * as z from 'zod'
import { PlannedCommand } from '../../statemachines/data/command.ts'

export const ConfirmRequest = z.object({
  command: PlannedCommand,
  sent: z.object({ id: z.string() }),
  /** The parent command at the last poll; absent when no poll succeeded. */
  poll: z.object({ statuses: z.array(z.string()), details: z.array(z.string()), targetCounts: z.array(z.int()).optional() }).optional(),
  /** Present when the state machine gave up waiting and asked for a cancel. */
  cancel: z.unknown().optional(),
})
export type ConfirmRequest = z.infer<typeof ConfirmRequest>
