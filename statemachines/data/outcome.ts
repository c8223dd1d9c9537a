// What the commands of a purge brought: `$.layers`.

import * as z from 'zod'

/** The last line that every script in ssm/ prints. */
export const ScriptResult = z.object({
  action: z.enum(['deleted', 'flushed', 'empty', 'absent']),
  freedBytes: z.int().nonnegative(),
  files: z.int().nonnegative(),
  detail: z.string(),
  /** The instance's clock in epoch seconds, when the deletion started: what is stored later is new. */
  began: z.int().optional(),
  /** nginx workers that still served requests from before the purge when it was over; `unknown` where none can be seen. */
  inFlight: z.union([z.int().nonnegative(), z.literal('unknown')]).optional(),
})
export type ScriptResult = z.infer<typeof ScriptResult>

export const LayerOutcome = z.object({
  id: z.string(),
  label: z.string(),
  outcome: z.enum(['purged', 'nothing-cached']),
  commandId: z.string(),
  /** From the request to the last instance's end. */
  seconds: z.number().nonnegative(),
  freedBytes: z.int().nonnegative(),
  files: z.int().nonnegative(),
  instances: z.array(z.object({ instanceId: z.string(), ...ScriptResult.shape })),
})
export type LayerOutcome = z.infer<typeof LayerOutcome>

/** A second round replaces what the first one said of the same layer. */
export const latestOutcomes = (before: readonly LayerOutcome[], now: readonly LayerOutcome[]): LayerOutcome[] => [
  ...before.map((outcome) => now.find(({ id }) => id === outcome.id) ?? outcome),
  ...now.filter(({ id }) => !before.some((outcome) => outcome.id === id)),
]

/** What ProbeOrigin saw for one URL; `0` and `''` stand for nothing. */
export const OriginObservation = z.object({
  /** HTTP status; 0 without an answer. */
  status: z.int(),
  /** The cache's own word for what it did. */
  cache: z.string(),
  /** Its word at a second request, which is made after a MISS or EXPIRED. */
  then: z.string(),
  age: z.string(),
  /** When the answer was made, as its maker says it. */
  date: z.string(),
  /** When the cache's file for this page was written, by the instance's clock in epoch seconds. */
  stored: z.int(),
  /**
   * The cache where that file lies: `#1` is the first of the command's CachePaths, `?` says that there were too many files to find it
   * in time, and anything else is the beginning of a directory.
   */
  zone: z.string(),
})
export type OriginObservation = z.infer<typeof OriginObservation>

/** The last line that ssm/probe-origin prints. */
export const ProbeResult = z.object({
  action: z.literal('probed'),
  now: z.int(),
  openFileCache: z.boolean(),
  probes: z.array(OriginObservation),
})
export type ProbeResult = z.infer<typeof ProbeResult>

export const ProbeOutcome = z.object({
  id: z.string(),
  label: z.string(),
  outcome: z.literal('probed'),
  commandId: z.string(),
  /** When Run Command sent it to the first instance, epoch milliseconds: the layers before it were purged by then. */
  requestedAt: z.number().optional(),
  instances: z.array(z.object({ instanceId: z.string(), ...ProbeResult.shape })),
  /** Instances that could not be looked at, and why: that proves nothing, and fails nothing. */
  unseen: z.array(z.object({ instanceId: z.string(), reason: z.string() })),
})
export type ProbeOutcome = z.infer<typeof ProbeOutcome>

/** Of a probe or an inspection that could not be sent or read, as the state machine writes it: that proves nothing, and fails nothing. */
export const NoResult = z.object({
  id: z.string(),
  label: z.string(),
  outcome: z.literal('no-result'),
  error: z.string(),
  cause: z.string(),
})
export type NoResult = z.infer<typeof NoResult>

/** A failed function's Cause is JSON; every other Cause is text already. */
export const reasonOf = (error: string, cause: string): string => {
  try {
    const parsed: unknown = JSON.parse(cause)
    if (typeof parsed === 'object' && parsed !== null && 'errorMessage' in parsed && typeof parsed.errorMessage === 'string')
      return parsed.errorMessage
  } catch {
    // Not JSON, so it is what AWS itself says.
  }
  return cause === '' ? error : `${error}: ${cause}`
}
