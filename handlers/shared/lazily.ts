// Importing a handler must do no I/O and need no environment, so its services are built by the first call.

import { AwsThrottled, AwsUnavailable } from './errors.ts'

/** What the AWS clients add to every error that they throw; a status is missing where there was no answer. */
interface AwsError extends Error {
  readonly $metadata: { readonly httpStatusCode?: number }
  readonly $retryable?: { readonly throttling?: boolean }
}

const isAwsError = (error: unknown): error is AwsError =>
  error instanceof Error && '$metadata' in error && typeof error.$metadata === 'object' && error.$metadata !== null

const throttles = new Set(['ThrottlingException', 'TooManyRequestsException', 'RequestLimitExceeded', 'Throttling'])

/** The names of the errors that AWS may recover from are its own, many, and new ones come: the state machine sees two. */
const rethrow = (error: unknown): never => {
  if (!isAwsError(error)) throw error
  const { name, message, $metadata, $retryable } = error
  const status = $metadata.httpStatusCode ?? 0
  if (throttles.has(name) || status === 429 || $retryable?.throttling === true)
    throw new AwsThrottled(`${name}: ${message}`, { cause: error })
  if (status === 0 || status >= 500) throw new AwsUnavailable(`${name}: ${message}`, { cause: error })
  throw error
}

/** @throws what the handler throws, and AwsThrottled or AwsUnavailable in place of what an AWS client gave up on */
export const lazily = <Event, Result>(build: () => (event: Event) => Promise<Result>): ((event: Event) => Promise<Result>) => {
  let built: ((event: Event) => Promise<Result>) | undefined
  return async (event) => {
    built ??= build()
    try {
      return await built(event)
    } catch (error) {
      return rethrow(error)
    }
  }
}

/** @throws when the function was deployed without the variable */
export const requiredEnvironment = (name: string): string => {
  const value = process.env[name]
  if (value === undefined || value === '')
    throw new Error(`the environment variable ${name} is not set: the stack sets it, so deploy again`)
  return value
}
