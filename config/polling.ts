// How often the state machine looks at a running command before it gives up.

/** Run Command reports an end somewhat after its own time-outs have passed. */
const reportingDelaySeconds = 60

/** A turn of the poll loop in an execution's history: wait, status, count and choice. */
const eventsPerPoll = 11
/** Step Functions ends an execution at 25,000 events; the rest is for everything but polling. */
const pollEventsAllowed = 22_000

export interface CommandTimes {
  readonly deliveryTimeoutSeconds: number
  readonly executionTimeoutSeconds: number
  readonly pollSeconds: number
}

/** Looks at one command; the last one lies beyond both of Run Command's own time-outs. */
export const maxPolls = ({ deliveryTimeoutSeconds, executionTimeoutSeconds, pollSeconds }: CommandTimes): number =>
  Math.ceil((deliveryTimeoutSeconds + executionTimeoutSeconds + reportingDelaySeconds) / pollSeconds)

/** Why so many layers cannot be watched that closely, or undefined when they can. */
export const pollingProblem = (times: CommandTimes, layers: number): string | undefined =>
  maxPolls(times) * layers * eventsPerPoll > pollEventsAllowed
    ? `${layers} layers with ${maxPolls(times)} looks each could exceed the history of an execution (25,000 events): raise pollSeconds or lower the time-outs`
    : undefined
