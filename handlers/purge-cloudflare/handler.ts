// One turn of the edge purge: sends what the rate limit allows, and returns what is left for the next turn.

import { SSMClient } from '@aws-sdk/client-ssm'
import { SecretUnavailable } from '../shared/errors.ts'
import { redact } from '../shared/mrkdwn.ts'
import { lazily, requiredEnvironment } from '../shared/lazily.ts'
import { createSecretReader, type ReadSecrets, readSecret } from '../shared/secrets.ts'
import type { PurgeAnswer } from '../../edge/cloudflare/answer.ts'
import { secondsToWait } from '../../edge/cloudflare/retry-after.ts'
import { checkBody } from '../../edge/cloudflare/bodies.ts'
import { judgeCheck } from './check.ts'
import { admit, pause, settle } from './core.ts'
import { type EdgeCheck, EdgeProgress } from '../../statemachines/data/edge.ts'

export interface Deps {
  readonly readSecrets: ReadSecrets
  readonly fetch: typeof fetch
  /** Without a slash at the end: https://api.cloudflare.com/client/v4 */
  readonly apiUrl: string
  /** Epoch milliseconds. */
  readonly now: () => number
}

const requestTimeoutMs = 10_000
/** A turn ends early enough for one more request to time out before the function does. */
const turnMs = 20_000

const authorization = (credentials: EdgeProgress['credentials'], secret: string): Record<string, string> => {
  // A header with a line break or a non-Latin character would make fetch throw with the secret in the message.
  if (!/^[\x21-\x7e]+$/.test(secret))
    throw new SecretUnavailable(
      `the SSM parameter ${credentials.parameter} does not hold a Cloudflare key: it has spaces or other odd characters`,
    )
  return credentials.kind === 'token' ? { authorization: `Bearer ${secret}` } : { 'x-auth-email': credentials.email, 'x-auth-key': secret }
}

const readAnswer = async (response: Response, now: number, secrets: readonly string[]): Promise<PurgeAnswer> => {
  // An error that quotes a header must not carry the key into the history.
  const text = redact(await response.text(), secrets)
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    body = undefined
  }
  return { status: response.status, retryAfterSeconds: secondsToWait(response.headers, now), body }
}

export const createHandler = ({ readSecrets, fetch, apiUrl, now }: Deps) => {
  const send = async (zoneId: string, body: object, headers: Record<string, string>): Promise<PurgeAnswer | undefined> => {
    try {
      return await readAnswer(
        await fetch(`${apiUrl}/zones/${zoneId}/purge_cache`, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(body),
          redirect: 'error',
          signal: AbortSignal.timeout(requestTimeoutMs),
        }),
        now(),
        Object.values(headers).map((value) => value.replace(/^Bearer /, '')),
      )
    } catch (error) {
      console.warn({ message: 'Cloudflare could not be reached', zoneId, error })
      return undefined
    }
  }

  const headersFor = async ({ credentials }: EdgeProgress): Promise<Record<string, string>> =>
    authorization(credentials, await readSecret(readSecrets, credentials.parameter))

  const check = async (progress: EdgeProgress): Promise<EdgeCheck> => {
    try {
      return judgeCheck(await send(progress.zoneId, checkBody, await headersFor(progress)), progress)
    } catch (error) {
      if (error instanceof SecretUnavailable) return { outcome: 'refused', said: error.message }
      throw error
    }
  }

  return async (event: unknown): Promise<EdgeProgress> => {
    let progress: EdgeProgress = { ...EdgeProgress.parse(event), status: 'pending' }
    if (progress.check !== null) return { ...progress, status: 'done', check: await check(progress) }
    const headers = await headersFor(progress)
    const acceptedBefore = progress.accepted.length
    const endsAt = now() + turnMs
    for (let body = progress.pending[0]; body !== undefined; body = progress.pending[0]) {
      if (now() >= endsAt) return pause(progress, 1, 'the turn is over')
      const admitted = admit(progress, body, now())
      if (admitted.waitSeconds > 0) return pause(admitted.progress, admitted.waitSeconds, "staying within Cloudflare's rate limit")
      const answer = await send(progress.zoneId, body, headers)
      try {
        progress = settle(admitted.progress, body, answer)
      } catch (error) {
        // An error carries no progress, so what this turn has had accepted goes first, and the next turn asks for the rest again.
        if (progress.accepted.length > acceptedBefore) return pause(admitted.progress, 1, 'Cloudflare did not accept the next request')
        throw error
      }
      if (progress.status === 'throttled') return progress
    }
    return { ...progress, status: 'done' }
  }
}

export const handler = lazily(() =>
  createHandler({
    readSecrets: createSecretReader(new SSMClient({ region: requiredEnvironment('SECRETS_REGION') }), Date.now),
    fetch,
    apiUrl: process.env['CLOUDFLARE_API_URL'] ?? 'https://api.cloudflare.com/client/v4',
    now: Date.now,
  }),
)
