// The form that Slack posts for a slash command; what we do not read may change freely.

import * as z from 'zod'

export const SlashCommand = z.object({
  command: z.string().min(1),
  text: z.string().default(''),
  trigger_id: z.string().min(1),
  channel_id: z.string().min(1),
  user_id: z.string().min(1),
})
export type SlashCommand = z.infer<typeof SlashCommand>

/** Where the state machine of each region is: `{"us-east-1": "arn:aws:states:…"}`. */
export const StateMachineArns = z.record(z.string(), z.string())
