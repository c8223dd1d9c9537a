// What a dry run sees of one layer: facts of each instance, as the layers' inspect.sh print them. They judge nothing.

import * as z from 'zod'
import { CacheFacts } from '../../layers/cache-facts.ts'

export const InspectOutcome = z.object({
  id: z.string(),
  label: z.string(),
  outcome: z.literal('inspected'),
  commandId: z.string(),
  instances: z.array(z.object({ instanceId: z.string(), facts: CacheFacts })),
  /** Instances, or a tag that matches none, that could not be looked at, and why. A dry run tells of all that is wrong, so that does not end it. */
  unseen: z.array(z.object({ instanceId: z.string(), reason: z.string() })),
})
export type InspectOutcome = z.infer<typeof InspectOutcome>
