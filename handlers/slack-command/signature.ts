// Slack's request signing, version v0: https://docs.slack.dev/authentication/verifying-requests-from-slack

import { createHmac, timingSafeEqual } from 'node:crypto'

const toleranceSeconds = 300

export interface SignedRequest {
  /** Header X-Slack-Signature. */
  readonly signature: string | undefined
  /** Header X-Slack-Request-Timestamp: epoch seconds. */
  readonly timestamp: string | undefined
  /** The body as it came over the wire. Parsing it first would change what was signed. */
  readonly rawBody: Buffer
}

/**
 * Why no secret can make this request Slack's, or undefined when one might: known before a secret is read, so a flood of such requests
 * costs next to nothing.
 * @param now epoch milliseconds
 */
export const shapeProblem = ({ signature, timestamp }: Omit<SignedRequest, 'rawBody'>, now: number): string | undefined => {
  if (signature === undefined || timestamp === undefined) return 'no Slack signature headers'
  if (!/^\d{1,12}$/.test(timestamp)) return 'the timestamp is not in epoch seconds'
  const age = now / 1000 - Number(timestamp)
  // A timestamp from the future would stay valid for longer than the window, so it is as bad as an old one.
  if (Math.abs(age) > toleranceSeconds) return `the timestamp is ${Math.round(age)} s old, more than ${toleranceSeconds} s off`
  return /^v0=[0-9a-f]{64}$/.test(signature) ? undefined : 'the signature is not of version v0'
}

/**
 * Why the request is not Slack's, or undefined when it is. The reason goes to our log, never to the caller,
 * and holds neither the expected nor the received signature.
 * @param secrets the current signing secret and, during a rotation, the previous one
 * @param now epoch milliseconds
 */
export const signatureProblem = (request: SignedRequest, secrets: readonly string[], now: number): string | undefined => {
  const { signature = '', timestamp = '', rawBody } = request
  const problem = shapeProblem(request, now)
  if (problem !== undefined) return problem
  const received = Buffer.from(signature)
  const genuine = secrets.some((secret) => {
    const digest = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(rawBody).digest('hex')
    return timingSafeEqual(Buffer.from(`v0=${digest}`), received)
  })
  return genuine ? undefined : 'the signature does not match'
}
