// As much of the Amazon States Language as the translation for the engine has to read.

import * as z from 'zod'

const Retrier = z.looseObject({ IntervalSeconds: z.number().default(1), MaxDelaySeconds: z.number().optional() })

export const State = z.looseObject({
  Type: z.enum(['Task', 'Parallel', 'Map', 'Pass', 'Wait', 'Choice', 'Succeed', 'Fail']),
  Next: z.string().optional(),
  Retry: z.array(Retrier).optional(),
})
export type State = z.infer<typeof State>
export type StateType = State['Type']

export const Task = z.looseObject({
  ...State.shape,
  Resource: z.string(),
  TimeoutSeconds: z.number().optional(),
  ResultSelector: z.unknown().optional(),
})

export const Wait = z.strictObject({
  ...State.shape,
  Comment: z.string().optional(),
  End: z.boolean().optional(),
  Seconds: z.number().optional(),
  SecondsPath: z.string().optional(),
})

export const Choice = z.looseObject({ ...State.shape, Choices: z.array(z.record(z.string(), z.unknown())) })

export const Machine = z.looseObject({ StartAt: z.string(), States: z.record(z.string(), State), TimeoutSeconds: z.number().optional() })
export type Machine = z.infer<typeof Machine>

export const MapState = z.looseObject({
  ...State.shape,
  ItemsPath: z.string().default('$'),
  MaxConcurrency: z.int().min(0).default(0),
  ItemSelector: z.record(z.string(), z.unknown()).optional(),
  ItemProcessor: Machine,
})
