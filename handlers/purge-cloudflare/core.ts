// Decides how fast Cloudflare may be asked, and what each of its answers means. No I/O, no clock.

import { type PurgeAnswer, readPurgeAnswer } from '../../edge/cloudflare/answer.ts'
import { describeBody, type PurgeBody } from '../../edge/cloudflare/bodies.ts'
import { rateLimits } from '../../edge/cloudflare/limits.ts'
import type { EdgeProgress } from '../../statemachines/data/edge.ts'
import { EdgeRejected, EdgeUnavailable } from '../shared/errors.ts'

/** Turns in a row in which Cloudflare is down, before a purge that somebody waits for gives up. */
const maxFailingTurns = 6
/** Nobody waits longer for a purge; past that it is better to fail and say so. */
const maxWaitSeconds = 600

/**
 * What a purge waits in all while Cloudflare accepts nothing, in seconds. Its general limit blocks an account for five minutes, so a purge
 * that somebody waits for bears that several times, in each of two rounds; a patient one goes on for three hours, and an execution has five.
 */
export const maxWaitedSeconds = 1800
export const maxPatientWaitedSeconds = 3 * 3600
/** Of one wait, where we choose it. */
const maxOwnWaitSeconds = 60
const maxPatientWaitSeconds = 300
/** So often in a row a wait as short as Cloudflare asks for is kept; an execution's history has room for some 2,500 turns. */
const turnsAsAsked = 4
const smallestShare = 1 / 32

const rateOf = ({ plan, share }: EdgeProgress, body: PurgeBody) => {
  const { perSecond, capacity } = rateLimits[plan]['files' in body ? 'urls' : 'requests']
  // However small the share is, one request must fit in.
  return { perSecond: perSecond * share, capacity: Math.max(capacity * share, costOf(body)) }
}
const costOf = (body: PurgeBody): number => ('files' in body ? body.files.length : 1)

const list = (items: readonly string[]): string =>
  items.length === 0 ? 'nothing' : items.slice(0, 20).join(', ') + (items.length > 20 ? ', …' : '')

const accountOf = ({ accepted, pending }: EdgeProgress): string =>
  `Accepted before that: ${list(accepted)}. Not purged: ${list(pending.map(describeBody))}.`

/**
 * Refills the bucket and says whether the next request may go now.
 * @param now epoch milliseconds
 * @returns the progress as it stands now, and the whole seconds to wait before `body` may be sent (0: send it)
 */
export const admit = (
  progress: EdgeProgress,
  body: PurgeBody,
  now: number,
): { readonly progress: EdgeProgress; readonly waitSeconds: number } => {
  const { perSecond, capacity } = rateOf(progress, body)
  const { at, tokens: before } = progress.bucket
  const tokens = at === 0 ? capacity : Math.min(capacity, before + (Math.max(0, now - at) / 1000) * perSecond)
  const missing = costOf(body) - tokens
  return {
    progress: { ...progress, bucket: { tokens, at: now } },
    // Waiting for more than one token saves a turn of the state machine for each.
    waitSeconds: missing > 0 ? Math.min(60, Math.ceil(Math.max(missing, capacity / 5) / perSecond)) : 0,
  }
}

/** Ends a turn with work left: the state machine waits, then calls again. */
export const pause = (progress: EdgeProgress, waitSeconds: number, reason: string): EdgeProgress => ({
  ...progress,
  status: 'throttled',
  waitSeconds,
  reason,
})

/**
 * @param answer undefined stands for a network error or a time-out
 * @returns the progress with the request accepted, or paused for a retry
 * @throws EdgeRejected when Cloudflare refused, with its own code and message
 * @throws EdgeUnavailable when it has accepted nothing for too long
 */
export const settle = (progress: EdgeProgress, body: PurgeBody, answer: PurgeAnswer | undefined): EdgeProgress => {
  const read = answer && readPurgeAnswer(answer)
  if (read?.outcome === 'accepted') {
    const pending = progress.pending.slice(1)
    return {
      ...progress,
      pending,
      accepted: [...progress.accepted, describeBody(body)],
      bucket: { ...progress.bucket, tokens: progress.bucket.tokens - costOf(body) },
      status: pending.length === 0 ? 'done' : 'pending',
      turns: 0,
      waitedSeconds: 0,
      waitSeconds: 0,
      reason: null,
    }
  }
  if (answer !== undefined && read?.outcome === 'refused') {
    throw new EdgeRejected(
      `Cloudflare refused to purge ${describeBody(body)} in zone ${progress.zoneId} (${read.said}). ${accountOf(progress)}` +
        ([401, 403].includes(answer.status) ? ` Check that the credentials in ${progress.credentials.parameter} may purge this zone.` : ''),
    )
  }

  const throttled = read?.outcome === 'throttled'
  const problem = read === undefined ? 'could not be reached' : `is ${throttled ? 'throttling us' : 'failing'} (${read.said})`
  const { patient } = progress
  const turns = progress.turns + 1
  const longest = patient ? maxPatientWaitSeconds : maxOwnWaitSeconds
  const asked = answer?.retryAfterSeconds
  const own = asked === undefined || !throttled ? 2 ** progress.turns : 2 ** (progress.turns - turnsAsAsked)
  const wished = Math.ceil(Math.max(1, asked ?? 0, Math.min(longest, own)))
  const waitSeconds = patient ? Math.min(wished, longest) : wished
  const isOver =
    patient || throttled ? progress.waitedSeconds >= (patient ? maxPatientWaitedSeconds : maxWaitedSeconds) : turns >= maxFailingTurns
  if (isOver || waitSeconds > maxWaitSeconds) {
    const asks = waitSeconds > maxWaitSeconds ? ` and asks to wait ${waitSeconds} s` : `, ${turns} times in a row`
    throw new EdgeUnavailable(`Cloudflare ${problem}${asks}. ${accountOf(progress)}`)
  }
  // After a 429 our copy of the bucket was too optimistic: it keeps just what the one retry needs.
  const bucket = throttled ? { ...progress.bucket, tokens: costOf(body) } : progress.bucket
  const share = patient && throttled ? Math.max(smallestShare, progress.share / 2) : progress.share
  return pause(
    { ...progress, bucket, turns, share, waitedSeconds: progress.waitedSeconds + waitSeconds },
    waitSeconds,
    `Cloudflare ${problem}`,
  )
}
