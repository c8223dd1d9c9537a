// After every round: asks the edge for each probe URL as a visitor would, and judges what the edge and the origin answered.

import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { lazily } from '../shared/lazily.ts'
import type { Plan } from '../plan-purge/schema.ts'
import { judgeRound } from './core.ts'
import { type EdgeSight, judgeEdge } from './freshness.ts'
import type { Finding } from './proof.ts'
import { ProbeRequest } from './schema.ts'

export interface Deps {
  /** One request as a visitor would make it, without following a redirect. Never rejects. */
  readonly look: (url: string) => Promise<EdgeSight>
  readonly sleep: (ms: number) => Promise<unknown>
}

/** A copy that is too young to judge is two seconds old soon. */
const pauseMs = 1100
const maxLooks = 3

export const createHandler = ({ look, sleep }: Deps) => {
  const findingOf = async (url: string, purgedAt: number): Promise<Finding> => {
    for (let looks = 1; ; looks += 1) {
      const judged = judgeEdge(await look(url), purgedAt)
      if (judged !== 'unclear') return { where: 'edge', url, ...judged }
      if (looks === maxLooks) return { where: 'edge', url, verdict: 'unproven', evidence: 'HIT', cause: 'the copy stays too young to tell' }
      await sleep(pauseMs)
    }
  }
  return async (event: unknown): Promise<Plan> => {
    const request = ProbeRequest.parse(event)
    const { edge, proof } = request.plan
    const atEdge = edge ? await Promise.all(proof.urls.map((url) => findingOf(url, edge.bucket.at))) : []
    return judgeRound(request, atEdge)
  }
}

const timeoutMs = 10_000

const single = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value.join(', ') : value)

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
        resolve({ status: 0, cacheStatus: undefined, age: undefined, ray: undefined, at })
      }
      const options = {
        host: server.hostname,
        port: server.port,
        path: `${url.pathname}${url.search}`,
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
        headers: { host: url.host, accept: 'text/html,*/*;q=0.8', 'user-agent': 'Mozilla/5.0 (compatible; purgeflow)', ...(address === undefined ? {} : { 'x-forwarded-proto': url.protocol.slice(0, -1) }) },
      }
      const sent = (server.protocol === 'https:' ? requestHttps : requestHttp)(options, (response) => {
        const { headers, statusCode = 0 } = response
        // The headers are all that counts.
        response.destroy()
        resolve({ status: statusCode, cacheStatus: single(headers['cf-cache-status']), age: headers.age, ray: single(headers['cf-ray']), at })
      })
      sent.on('error', nothing)
      sent.end()
    })

export const handler = lazily(() => createHandler({ look: createLook(process.env['PROBE_EDGE_URL']), sleep }))
