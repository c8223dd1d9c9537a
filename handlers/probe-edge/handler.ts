// After every round: asks the edge for each probe URL as a visitor would, and judges what the edge and the origin answered.

import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { lazily } from '../shared/lazily.ts'
import type { Plan } from '../../statemachines/data/plan.ts'
import { cleanSinceOf, judgeRound } from './core.ts'
import { type EdgeAnswer, judgeEdge } from '../../edge/cloudflare/freshness.ts'
import type { Finding } from '../../statemachines/data/proof.ts'
import { ProbeRequest } from './schema.ts'

export interface Deps {
  /** One request as a visitor would make it, without following a redirect. Never rejects. */
  readonly look: (url: string) => Promise<EdgeAnswer>
  readonly sleep: (ms: number) => Promise<unknown>
  /** Epoch milliseconds. */
  readonly now: () => number
}

const maxLooks = 4
const second = 1000

/**
 * When a look at an unclear HIT tells most. Where visitors come all the time the edge refills at once after its purge, so its copy's
 * Age ticks just after every whole second since then: right before such a tick the Age says the least about a new copy.
 * @returns milliseconds from `now`
 */
export const pauseUntilTelling = (
  now: number,
  { cleanSince, purgedAt }: { readonly cleanSince: number; readonly purgedAt: number },
): number => {
  // Half of what the origin was clean before the edge is room for the way to the edge, and for a timer that is late.
  const telling = purgedAt - Math.min(purgedAt - cleanSince, second) / 2
  // A timer may fire a millisecond early.
  return Math.ceil((now + 1 - telling) / second) * second + telling + 1 - now
}

export const createHandler = ({ look, sleep, now }: Deps) => {
  const findingOf = async (url: string, times: { readonly cleanSince: number; readonly purgedAt: number }): Promise<Finding> => {
    for (let looks = 1; ; looks += 1) {
      const judged = judgeEdge(await look(url), times.cleanSince)
      if (judged !== 'unclear') return { where: 'edge', url, ...judged }
      if (looks === maxLooks)
        return {
          where: 'edge',
          url,
          verdict: 'unproven',
          evidence: 'HIT',
          cause: 'its age does not tell whether it is from before the purge',
        }
      await sleep(pauseUntilTelling(now(), times))
    }
  }
  return async (event: unknown): Promise<Plan> => {
    const request = ProbeRequest.parse(event)
    const { edge, proof } = request.plan
    const purgedAt = edge?.bucket.at ?? 0
    const times = { purgedAt, cleanSince: cleanSinceOf(request) ?? purgedAt }
    const atEdge = edge ? await Promise.all(proof.urls.map((url) => findingOf(url, times))) : []
    return judgeRound(request, atEdge)
  }
}

const timeoutMs = 10_000

/** @param address where the edge is reached instead of by the name in the URL, as in http://127.0.0.1:8782: for the local run */
export const createLook =
  (address: string | undefined): Deps['look'] =>
  (text) =>
    new Promise((resolve) => {
      const url = new URL(text)
      const server = address === undefined ? url : new URL(address)
      const at = Date.now()
      const nothing = (error: unknown): void => {
        console.warn({ message: 'the edge gave no answer', url: text, error })
        resolve({ status: 0, headers: {}, at, answeredAt: Date.now() })
      }
      const options = {
        host: server.hostname,
        port: server.port,
        path: `${url.pathname}${url.search}`,
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          host: url.host,
          accept: 'text/html,*/*;q=0.8',
          'user-agent': 'Mozilla/5.0 (compatible; purgeflow)',
          ...(address === undefined ? {} : { 'x-forwarded-proto': url.protocol.slice(0, -1) }),
        },
      }
      const sent = (server.protocol === 'https:' ? requestHttps : requestHttp)(options, (response) => {
        const { headers, statusCode = 0 } = response
        // The headers are all that counts.
        response.destroy()
        resolve({
          status: statusCode,
          headers: Object.fromEntries(
            Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
          ),
          at,
          answeredAt: Date.now(),
        })
      })
      sent.on('error', nothing)
      sent.end()
    })

export const handler = lazily(() => createHandler({ look: createLook(process.env['PROBE_EDGE_URL']), sleep, now: Date.now }))
