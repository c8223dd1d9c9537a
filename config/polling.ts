// How often the state machine looks at a running command before it gives up.

/** Run Command reports an end somewhat after its own time-outs have passed. */
const reportingDelaySeconds = 60

/** A turn of the poll loop in an execution's history: wait, status, count and choice. */
const eventsPerPoll = 11
/** Step Functions ends an execution at 25,000 events; the rest is for everything but polling. */
const pollEventsAllowed = 22_000
/** An execution ends after 5 hours; the last two are for what the looks themselves take, and for the edge. */
const layerSecondsAllowed = 3 * 3600

export interface CommandTimes {
  readonly deliveryTimeoutSeconds: number
  readonly executionTimeoutSeconds: number
  readonly pollSeconds: number
}

/** When Run Command must have ended a command, whatever became of it. */
const secondsUntilEnd = ({ deliveryTimeoutSeconds, executionTimeoutSeconds }: CommandTimes): number =>
  deliveryTimeoutSeconds + executionTimeoutSeconds + reportingDelaySeconds

/** Looks at one command; the last one lies beyond both of Run Command's own time-outs. */
export const maxPolls = (times: CommandTimes): number => Math.ceil(secondsUntilEnd(times) / times.pollSeconds)

/** Why so many commands cannot be watched that closely or that long, or undefined when they can. */
export const pollingProblem = (times: CommandTimes, commands: number): string | undefined => {
  if (maxPolls(times) * commands * eventsPerPoll > pollEventsAllowed) {
    return `${commands} commands with ${maxPolls(times)} looks each could exceed the history of an execution (25,000 events): raise pollSeconds or lower the time-outs`
  }
  if (secondsUntilEnd(times) * commands > layerSecondsAllowed) {
    return `${commands} commands that may take ${secondsUntilEnd(times)} s each could exceed the 3 hours that an execution has for them: lower the time-outs`
  }
  return undefined
}
