// How often the state machine polls a running command before it gives up.

/** Run Command reports an end somewhat after its own time-outs have passed. */
const reportingDelaySeconds = 60

/** An execution ends after 5 hours; the last two are for what the polls themselves take, and for the edge. Its history holds all of them. */
const layerSecondsAllowed = 3 * 3600

/** How long one poll asks again and again: an end within it is known at once, and a second of a function costs less than a transition. */
export const watchSeconds = 4

export interface CommandTimes {
  readonly deliveryTimeoutSeconds: number
  readonly executionTimeoutSeconds: number
  /** The longest wait between two polls. */
  readonly pollSeconds: number
}

/** When Run Command must have ended a command, whatever became of it. */
const secondsUntilEnd = ({ deliveryTimeoutSeconds, executionTimeoutSeconds }: CommandTimes): number =>
  deliveryTimeoutSeconds + executionTimeoutSeconds + reportingDelaySeconds

/**
 * Seconds between the polls of one command: a tenth of the time that it has run by then, so that nobody waits for an end that has come
 * for longer than that. The last poll ends beyond both of Run Command's own time-outs.
 */
export const pollWaits = (times: CommandTimes): number[] => {
  const waits: number[] = []
  let elapsed = watchSeconds
  while (elapsed < secondsUntilEnd(times)) {
    const wait = Math.min(times.pollSeconds, Math.max(1, Math.floor(elapsed / 10)))
    waits.push(wait)
    elapsed += wait + watchSeconds
  }
  return waits
}

export const maxPolls = (times: CommandTimes): number => pollWaits(times).length + 1

/** Why so many commands cannot be polled that long, or undefined when they can. */
export const pollingProblem = (times: CommandTimes, commands: number): string | undefined =>
  secondsUntilEnd(times) * commands > layerSecondsAllowed
    ? `${commands} commands that may take ${secondsUntilEnd(times)} s each could exceed the 3 hours that an execution has for them: lower the time-outs`
    : undefined
