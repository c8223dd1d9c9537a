// A Slack channel behind an incoming webhook, on loopback: it checks messages as the real one does, keeps them, and injects faults on demand.

import { randomBytes } from 'node:crypto'
import { createFaultSwitch, type Fault, type FaultInput } from '../server/faults.ts'
import { json, never, serve, type HttpReply } from '../server/http.ts'
import { judgePayload } from './payload.ts'

export interface ReceivedMessage {
  /** ISO 8601 */
  readonly at: string
  /** The JSON value, or the text as it came when it was not JSON. */
  readonly payload: unknown
  readonly accepted: boolean
  /** null for a message that was left hanging */
  readonly status: number | null
  /** The body of the refusal; null for an accepted message */
  readonly error: string | null
}

export interface LocalSlack {
  /** A secret, as the real one is: who knows it may post. */
  readonly webhookUrl: string
  readonly messagesUrl: string
  readonly faultUrl: string
  readonly messages: () => readonly ReceivedMessage[]
  readonly setFault: (fault: FaultInput) => void
  readonly close: () => Promise<void>
}

const plain = (status: number, body: string): HttpReply => ({ status, headers: { 'content-type': 'text/html' }, body })

const faultReply = (fault: Exclude<Fault, { mode: 'ok' | 'hang' }>): HttpReply => {
  switch (fault.mode) {
    case 'throttle': {
      // Slack's one webhook error in JSON. The real limit is one message a second; here only this switch enforces it.
      const body = { retry_after: fault.retryAfter, ok: false, error: 'rate_limited' }
      return json(429, body, { 'retry-after': String(fault.retryAfter) })
    }
    case 'fail':
      return plain(fault.status, 'rollup_error')
    case 'reject':
      return plain(fault.status, String(fault.code))
  }
}

/** @param port 0 picks a free one */
export const startSlack = async ({ port }: { readonly port: number }): Promise<LocalSlack> => {
  const fault = createFaultSwitch()
  const messages: ReceivedMessage[] = []
  const webhookPath = `/services/T0LOCAL0001/B0LOCAL0001/${randomBytes(12).toString('hex')}`

  const server = await serve(port, async (request) => {
    const { pathname } = request.url
    if (pathname === '/fault') return fault.answer(request)
    if (pathname === '/messages') return json(200, messages)
    if (pathname !== webhookPath) return plain(404, 'no_service')
    if (request.method !== 'POST') return plain(405, 'method_not_allowed')

    const judged = judgePayload(request)
    const keep = (outcome: Pick<ReceivedMessage, 'accepted' | 'status' | 'error'>): void => {
      messages.push({ at: new Date().toISOString(), payload: judged.payload, ...outcome })
    }
    const present = fault.take()
    if (present.mode === 'hang') {
      keep({ accepted: false, status: null, error: 'no answer' })
      return never()
    }
    const reply = present.mode === 'ok' ? plain(judged.status, judged.error ?? 'ok') : faultReply(present)
    const accepted = reply.status === 200
    keep({ accepted, status: reply.status, error: accepted ? null : (reply.body ?? '') })
    return reply
  })

  return {
    webhookUrl: `${server.url}${webhookPath}`,
    messagesUrl: `${server.url}/messages`,
    faultUrl: `${server.url}/fault`,
    messages: () => [...messages],
    setFault: fault.set,
    close: () => server.close(),
  }
}
