// One command of a plan. In a file of its own, because a plan also holds what such commands brought.

import * as z from 'zod'
import { LayerKind } from '../../layers/kinds.ts'

/** One command, ready for Send Command: names follow the SendCommand API. */
export const PlannedCommand = z.object({
  id: z.string(),
  label: z.string(),
  /** A purge clears a layer. A probe and, in place of a purge in a dry run, an inspection only read. */
  kind: z.enum(['purge', 'probe', 'inspect']),
  /** The kind of the layer that it purges or inspects; null for a probe, which is about all of them, and for a kind that another version knows. */
  layerKind: LayerKind.nullable().catch(null),
  document: z.string(),
  /** An instance must fit all of them. */
  targets: z
    .array(z.object({ Key: z.string(), Values: z.array(z.string()) }))
    .min(1)
    .max(5),
  /** Where one command cannot reach all instances, several with the same id do, one after the other: this is the `index`th of `of`. */
  part: z.object({ index: z.int().positive(), of: z.int().positive() }).default({ index: 1, of: 1 }),
  parameters: z.record(z.string(), z.array(z.string())),
  comment: z.string().max(100),
  deliveryTimeoutSeconds: z.int(),
  /** Between two polls, where `waits` says nothing. */
  pollSeconds: z.int(),
  /** Between the first poll and the second, between the second and the third, and so on. */
  waits: z.array(z.int()).default([]),
  /** After so many polls a command that still runs is cancelled; lies beyond both of SSM's own time-outs. */
  maxPolls: z.int(),
})
export type PlannedCommand = z.infer<typeof PlannedCommand>
