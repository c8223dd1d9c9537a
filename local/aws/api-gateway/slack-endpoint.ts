// API Gateway in front of the slack-command function, on loopback: one route, its throttle, its time limit, its error bodies.

import { setTimeout as delay } from 'node:timers/promises'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { throttleOf } from '../../../config/endpoint-limits.ts'
import { createBucket } from '../../server/token-bucket.ts'
import { json, serve, type HttpReply } from '../../server/http.ts'
import { toEvent } from './slack-endpoint-event.ts'
import { serverError, toReply } from './slack-endpoint-reply.ts'

export interface SlackEndpoint {
  /** Ends in /slack/commands. */
  readonly slackUrl: string
  readonly close: () => Promise<void>
}

export interface SlackEndpointOptions {
  /** 0 picks a free one. */
  readonly port: number
  /** The Lambda: a rejection is a function error. */
  readonly invoke: (event: APIGatewayProxyEventV2) => Promise<unknown>
  /** Requests a second, and the most at once: the route's throttle as deployed. */
  readonly throttle?: { readonly rate: number; readonly burst: number }
  /** API Gateway waits 30 s for an integration; a test need not. */
  readonly timeoutMs?: number
  /** Epoch milliseconds. */
  readonly now?: () => number
}

const route = { method: 'POST', path: '/slack/commands' }

export const startSlackEndpoint = async ({
  port,
  invoke,
  throttle = throttleOf(),
  timeoutMs = 30_000,
  now = Date.now,
}: SlackEndpointOptions): Promise<SlackEndpoint> => {
  const bucket = createBucket({ capacity: throttle.burst, perSecond: throttle.rate }, now)

  const server = await serve(port, async (request) => {
    if (request.method !== route.method || request.url.pathname !== route.path) return json(404, { message: 'Not Found' })
    if (bucket.take(1) > 0) return json(429, { message: 'Too Many Requests' })
    const event = toEvent(request, `${route.method} ${route.path}`, now())
    const answered = new AbortController()
    const answer = async (): Promise<HttpReply> => toReply(await invoke(event))
    const tooLate = delay(timeoutMs, json(503, { message: 'Service Unavailable' }), { signal: answered.signal, ref: false })
    const reply = await Promise.race([answer().catch(serverError), tooLate])
    answered.abort()
    return { ...reply, headers: { ...reply.headers, 'apigw-requestid': event.requestContext.requestId } }
  })

  return { slackUrl: `${server.url}${route.path}`, close: () => server.close() }
}
