// Cloudflare on loopback. The purge API checks what it gets as the real one does, keeps it, and injects faults on demand;
// a request for one of the sites, told by its Host, is a visitor's and is answered from the edge cache.

import { createEdgeCache, type Site } from './edge-cache.ts'
import { createFaultSwitch, type Fault, type FaultInput } from '../server/faults.ts'
import { authenticate, authKind, type AuthKind, type Zone } from './auth.ts'
import { checkBody } from './body.ts'
import { createBuckets, type Plan, type PurgeBuckets } from './limits.ts'
import { accepted, apiLimited, broken, methodRefused, purgeLimited, refusal, unroutable } from './replies.ts'
import { json, never, serve, type HttpReply, type HttpRequest } from '../server/http.ts'

export interface PurgeRecord {
  /** ISO 8601 */
  readonly at: string
  readonly zoneId: string
  readonly auth: AuthKind
  /** The JSON body, or the text as it came when it was not JSON. */
  readonly body: unknown
  readonly accepted: boolean
  /** null for a request that was left hanging */
  readonly status: number | null
  /** The answer's JSON body, or its text. */
  readonly response: unknown
}

export interface LocalCloudflare {
  /** Ends in /client/v4, as the real one does. */
  readonly apiUrl: string
  readonly requestsUrl: string
  readonly faultUrl: string
  readonly requests: () => readonly PurgeRecord[]
  /** Where visitors come: the same port, told apart by the Host header. */
  readonly edgeUrl: string
  /** false: purges are accepted and nothing is removed. */
  appliesPurges: boolean
  readonly setFault: (fault: FaultInput) => void
  readonly close: () => Promise<void>
}

export interface CloudflareOptions {
  /** 0 picks a free one. */
  readonly port: number
  readonly zones: readonly Zone[]
  /** What it serves to visitors. */
  readonly sites?: readonly Site[]
  /** Epoch milliseconds, for the token buckets and the records. */
  readonly now?: () => number
}

const parsedOrText = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const faultReply = (fault: Exclude<Fault, { mode: 'ok' | 'hang' }>): HttpReply => {
  switch (fault.mode) {
    case 'throttle':
      return apiLimited(fault.retryAfter)
    case 'fail':
      return broken(fault.status)
    case 'reject':
      return refusal(fault.status, { code: fault.code, message: fault.message })
  }
}

const purge = (request: HttpRequest, zoneId: string, zones: readonly Zone[], buckets: Record<Plan, PurgeBuckets>): HttpReply => {
  if (request.method !== 'POST') return methodRefused(request.method)
  if (!/^[0-9a-f]{32}$/.test(zoneId)) return unroutable(request.url.pathname)
  const zone = authenticate(request.headers, zoneId, zones)
  if ('status' in zone) return zone
  const text = request.body.toString()
  const body = parsedOrText(text)
  if (body === text) return refusal(400, { code: 6007, message: 'Malformed JSON in request body' })
  const asked = checkBody(body, zone.plan)
  if ('code' in asked) return refusal(400, asked)
  const { requests, urls } = buckets[zone.plan]
  const seconds = asked.selector === 'files' ? urls.take(asked.items) : requests.take(1)
  return seconds > 0 ? purgeLimited(seconds) : accepted(zoneId)
}

export const startCloudflare = async ({ port, zones, sites = [], now = Date.now }: CloudflareOptions): Promise<LocalCloudflare> => {
  const fault = createFaultSwitch()
  const buckets = createBuckets(now)
  const records: PurgeRecord[] = []
  const cache = createEdgeCache(sites, now)

  const server = await serve(port, async (request) => {
    if (cache.serves(request)) return cache.serve(request)
    const { pathname } = request.url
    if (pathname === '/fault') return fault.answer(request)
    if (pathname === '/requests') return json(200, records)
    const zoneId = /^\/client\/v4\/zones\/([^/]+)\/purge_cache$/.exec(pathname)?.[1]
    if (zoneId === undefined) return unroutable(pathname)

    const keep = (outcome: Pick<PurgeRecord, 'accepted' | 'status' | 'response'>): void => {
      const body = parsedOrText(request.body.toString())
      records.push({ at: new Date(now()).toISOString(), zoneId, auth: authKind(request.headers), body, ...outcome })
    }
    const present = fault.take()
    if (present.mode === 'hang') {
      keep({ accepted: false, status: null, response: null })
      return never()
    }
    const reply = present.mode === 'ok' ? purge(request, zoneId, zones, buckets) : faultReply(present)
    if (reply.status === 200 && running.appliesPurges) cache.purge(zoneId, parsedOrText(request.body.toString()))
    keep({ accepted: reply.status === 200, status: reply.status, response: parsedOrText(reply.body ?? '') })
    return reply
  })

  const running: LocalCloudflare = {
    apiUrl: `${server.url}/client/v4`,
    edgeUrl: server.url,
    appliesPurges: true,
    requestsUrl: `${server.url}/requests`,
    faultUrl: `${server.url}/fault`,
    requests: () => [...records],
    setFault: fault.set,
    close: () => server.close(),
  }
  return running
}
