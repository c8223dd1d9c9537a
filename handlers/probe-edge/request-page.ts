// One request as a visitor would make it. Follows no redirect, shares no connection, reads 2 MB at most.

import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { EdgeAnswer } from '../../edge/cloudflare/freshness.ts'
import { maxBytes } from './content/compare.ts'

export interface PageAnswer extends EdgeAnswer {
  /** As latin1, a character a byte; one more than `maxBytes` where there would be more. */
  readonly body: string
}

/** Never rejects. */
export type RequestPage = (url: string) => Promise<PageAnswer>

const timeoutMs = 10_000

/** @param address where the edge is reached instead of by the name in the URL, as in http://127.0.0.1:8782: for the local run */
export const createRequestPage =
  (address: string | undefined): RequestPage =>
  (text) =>
    new Promise((resolve) => {
      const url = new URL(text)
      const server = address === undefined ? url : new URL(address)
      const at = Date.now()
      const nothing = (error: unknown): void => {
        console.warn({ message: 'the public name gave no answer', url: text, error })
        resolve({ status: 0, headers: {}, body: '', at, answeredAt: Date.now() })
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
          const body = Buffer.concat(chunks).toString('latin1', 0, maxBytes + 1)
          resolve({ status: statusCode, headers, body, at, answeredAt })
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
