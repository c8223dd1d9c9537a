// Errors in the form that the engine reads: the name is what ErrorEquals matches, the message becomes the Cause.

export class StateError extends Error {
  /** Read by aws-local-stepfunctions: what may be retried or caught at all. */
  readonly isRetryable: boolean
  readonly isCatchable: boolean

  constructor(name: string, cause: string, terminal = false) {
    super(cause)
    this.name = name
    this.isRetryable = !terminal
    this.isCatchable = !terminal
  }
}

const maxDataBytes = 262_144

/** @throws StateError when a state's data is larger than Step Functions carries; no Catch gets that one */
export const checkDataLimit = (text: string, what: string): void => {
  if (Buffer.byteLength(text) <= maxDataBytes) return
  throw new StateError('States.DataLimitExceeded', `${what} has a size exceeding the maximum number of bytes service limit.`, true)
}

export const runtimeError = (message: string): StateError => new StateError('States.Runtime', message, true)
