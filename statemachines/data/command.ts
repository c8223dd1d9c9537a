// One command of a plan. In a file of its own, because a plan also holds what such commands brought.

import * as z from 'zod'

/** One layer, ready for Send Command: names follow the SendCommand API. */
export const PlannedLayer = z.strictObject({
  id: z.string(),
  label: z.string(),
  /** A probe looks and changes nothing; it is no layer in a report. An inspection does the same in place of a purge, in a dry run. */
  purpose: z.enum(['purge', 'probe', 'inspect']),
  document: z.string(),
  targets: z.array(z.strictObject({ Key: z.string(), Values: z.array(z.string()) })).length(1),
  parameters: z.record(z.string(), z.array(z.string())),
  comment: z.string().max(100),
  deliveryTimeoutSeconds: z.int(),
  pollSeconds: z.int(),
  /** After so many looks at a running command it is cancelled; lies beyond both of SSM's own time-outs. */
  maxPolls: z.int(),
})
export type PlannedLayer = z.infer<typeof PlannedLayer>
