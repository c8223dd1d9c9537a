// After every round: asks the edge for each probe URL as a visitor would, and judges what the edge and the origin answered.

import { randomBytes } from 'node:crypto'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { lazily } from '../shared/lazily.ts'
import type { Plan } from '../../statemachines/data/plan.ts'
import { cleanSinceOf, judgeRound } from './core.ts'
import { type Answer, compareContent, maxBytes, type Reference } from './content/compare.ts'
import { withMarker } from './content/marker.ts'
import type { EdgeAnswer } from '../../edge/cloudflare/freshness.ts'
import { judgePage } from './page.ts'
import type { Finding } from '../../statemachines/data/proof.ts'
import { ProbeRequest } from './schema.ts'

export type PageAnswer = EdgeAnswer & Answer

export interface Deps {
  /** One request as a visitor would make it, without following a redirect. Never rejects. */
  readonly request: (url: string) => Promise<PageAnswer>
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
  { cleanSince, purgedAt }: { readonly cleanSince: number; readonly purgedAt: number },
): number => {
  // Half of what the origin was clean before the edge is room for the way to the edge, and for a timer that is late.
  const telling = purgedAt - Math.min(purgedAt - cleanSince, second) / 2
  // A timer may fire a millisecond early.
  return Math.ceil((now + 1 - telling) / second) * second + telling + 1 - now
}

export const createHandler = ({ request, newMarker, sleep, now }: Deps) => {
  const requestReference = async (url: string): Promise<PageAnswer & Reference> => {
    const marker = newMarker()
    return { ...(await request(withMarker(url, marker))), marker }
  }
  const findingOf = async (url: string, times: { readonly cleanSince: number; readonly purgedAt: number }): Promise<Finding> => {
    const until = now() + maxMs
    for (let attempt = 1; ; attempt += 1) {
      const first = await requestReference(url)
      if (attempt > 1) await sleep(pauseUntilTelling(now(), times))
      const reader = await request(url)
      const second = first.status === 0 ? first : await requestReference(url)
      const isLast = attempt === maxAttempts || now() >= until
      const judged = judgePage(reader, compareContent(reader, first, second), { originCleanAt: times.cleanSince, isLast })
      if (judged !== 'again') return { where: 'edge', url, ...judged }
    }
  }
  return async (event: unknown): Promise<Plan> => {
    const round = ProbeRequest.parse(event)
    const { edge, proof } = round.plan
    const purgedAt = edge?.bucket.at ?? 0
    const times = { purgedAt, cleanSince: cleanSinceOf(round) ?? purgedAt }
    const atEdge = edge ? await Promise.all(proof.urls.map((url) => findingOf(url, times))) : []
    return judgeRound(round, atEdge)
  }
}

const timeoutMs = 10_000

/** @param address where the edge is reached instead of by the name in the URL, as in http://127.0.0.1:8782: for the local run */
export const createRequest =
  (address: string | undefined): Deps['request'] =>
  (text) =>
    new Promise((resolve) => {
      const url = new URL(text)
      const server = address === undefined ? url : new URL(address)
      const at = Date.now()
      const nothing = (error: unknown): void => {
        console.warn({ message: 'the edge gave no answer', url: text, error })
        resolve({ status: 0, headers: {}, body: new Uint8Array(), isCut: false, at, answeredAt: Date.now() })
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
        const { statusCode = 0 } = response
        const headers = Object.fromEntries(
          Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
        )
        // An Age was counted before this moment, however long the body takes.
        const answeredAt = Date.now()
        const chunks: Buffer[] = []
        let length = 0
        const finish = (): void => {
          resolve({ status: statusCode, headers, body: Buffer.concat(chunks), isCut: length > maxBytes, at, answeredAt })
        }
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          length += chunk.length
          if (length <= maxBytes) return
          finish()
          response.destroy()
        })
        response.on('end', finish)
        response.on('error', nothing)
      })
      sent.on('error', nothing)
      sent.end()
    })

export const handler = lazily(() =>
  createHandler({
    request: createRequest(process.env['PROBE_EDGE_URL']),
    newMarker: () => randomBytes(8).toString('hex'),
    sleep,
    now: Date.now,
  }),
)
