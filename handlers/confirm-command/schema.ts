// What the function gets from the Map iteration: in Get Command Status what to watch, in Confirm Command the command that has ended.

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

export const WatchRequest = z.object({
  command: PlannedCommand,
  sent: z.object({ id: z.string() }),
  /** How many polls there were. */
  poll: z.object({ count: z.int() }),
})
export type WatchRequest = z.infer<typeof WatchRequest>
