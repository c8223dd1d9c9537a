// Before and after every round: asks for each probe URL by its public name as a visitor would, and judges what was answered.

import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { lazily } from '../shared/lazily.ts'
import type { Plan } from '../../statemachines/data/plan.ts'
import type { Finding } from '../../statemachines/data/proof.ts'
import { type Attempt, attempt } from './attempt.ts'
import { originCleanAtOf, judgeRound } from './core.ts'
import { judgePage, judgeTogether, type PageJudged } from './page.ts'
import { createRequestPage, type RequestPage } from './request-page.ts'
import { BeforeRequest, ProbeRequest } from './schema.ts'

export interface Deps {
  readonly request: RequestPage
  /** Letters and digits that nobody has used. */
  readonly newMarker: () => string
  readonly sleep: (ms: number) => Promise<unknown>
  /** Epoch milliseconds. */
  readonly now: () => number
}

const maxAttempts = 4
/** No attempt begins later: one takes three requests of ten seconds, and the function has a minute. */
const maxMs = 25_000
const second = 1000

/**
 * When a request for an unclear HIT tells most. Where visitors come all the time the edge refills at once after its purge, so its copy's
 * Age ticks just after every whole second since then: right before such a tick the Age says the least about a new copy.
 * @returns milliseconds from `now`
 */
export const pauseUntilTelling = (
  now: number,
  { originCleanAt, purgedAt }: { readonly originCleanAt: number; readonly purgedAt: number },
): number => {
  // Half of what the origin was clean before the edge is room for the way to the edge, and for a timer that is late.
  const telling = purgedAt - Math.min(purgedAt - originCleanAt, second) / 2
  // A timer may fire a millisecond early.
  return Math.ceil((now + 1 - telling) / second) * second + telling + 1 - now
}

export const createHandler = ({ request, newMarker, sleep, now }: Deps) => {
  interface Times {
    readonly originCleanAt: number
    readonly purgedAt: number
  }
  const judge = async (
    url: string,
    { edgeBefore }: Plan['proof'] & object,
    times: Times,
  ): Promise<PageJudged & { readonly url: string }> => {
    const until = now() + maxMs
    const attempts: Attempt[] = []
    for (;;) {
      const pause = attempts.length === 0 ? undefined : () => sleep(pauseUntilTelling(now(), times))
      attempts.push(await attempt(url, { request, newMarker, ...(pause ? { pause } : {}) }))
      const isLast = attempts.length === maxAttempts || now() >= until
      const judged = judgePage(attempts, { before: edgeBefore?.[url], originCleanAt: times.originCleanAt, isLast })
      if (judged !== 'again') return { ...judged, url }
    }
  }
  const probeBefore = async ({ plan }: BeforeRequest): Promise<Plan> => {
    const observed = await Promise.all(
      plan.proof.urls.map(async (url) => [url, (await attempt(url, { request, newMarker })).observation] as const),
    )
    return { ...plan, proof: { ...plan.proof, edgeBefore: Object.fromEntries(observed) } }
  }
  const probeAfter = async (round: ProbeRequest): Promise<Plan> => {
    const { edge, proof } = round.plan
    const purgedAt = edge?.bucket.at ?? 0
    const times = { purgedAt, originCleanAt: originCleanAtOf(round) ?? purgedAt }
    const pages = edge ? await Promise.all(proof.urls.map((url) => judge(url, proof, times))) : []
    return judgeRound(
      round,
      judgeTogether(pages).map((judged): Finding => ({ where: 'edge', ...judged })),
    )
  }
  return async (event: unknown): Promise<Plan> => {
    const isBefore = !(typeof event === 'object' && event !== null && 'layers' in event)
    return isBefore ? probeBefore(BeforeRequest.parse(event)) : probeAfter(ProbeRequest.parse(event))
  }
}

export const handler = lazily(() =>
  createHandler({
    request: createRequestPage(process.env['PROBE_EDGE_URL']),
    newMarker: () => randomBytes(8).toString('hex'),
    sleep,
    now: Date.now,
  }),
)
