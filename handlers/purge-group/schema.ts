// What Purge Group gets from the state machine.

import * as z from 'zod'
import { Group } from '../../statemachines/data/group.ts'
import { Plan } from '../../statemachines/data/plan.ts'

export const GroupRequest = z.object({
  execution: z.object({ arn: z.string() }),
  plan: Plan.extend({ group: Group }),
})
export type GroupRequest = z.infer<typeof GroupRequest>

/** Where the state machine of each region is: `{"us-east-1": "arn:aws:states:…"}`. */
export const StateMachineArns = z.record(z.string(), z.string())
