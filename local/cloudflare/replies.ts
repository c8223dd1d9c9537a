// Cloudflare's answers, in the envelope of its API and with its own codes.

import { json, type HttpReply } from '../server/http.ts'

export interface CloudflareError {
  readonly code: number | string
  readonly message: string
  readonly error_chain?: readonly { readonly code: number; readonly message: string }[]
}

export const refusal = (status: number, error: CloudflareError, headers: Readonly<Record<string, string>> = {}): HttpReply =>
  json(status, { success: false, errors: [error], messages: [], result: null }, headers)

/** The layer in front of the API, which checks credentials, answers without `messages` and `result`. */
export const gatewayRefusal = (status: number, error: CloudflareError): HttpReply => json(status, { success: false, errors: [error] })

export const accepted = (zoneId: string): HttpReply => json(200, { success: true, errors: [], messages: [], result: { id: zoneId } })

const retryAfter = (seconds: number): Readonly<Record<string, string>> => ({ 'retry-after': String(Math.ceil(seconds)) })

/** The purge limit of the account is used up. */
export const purgeLimited = (seconds: number): HttpReply =>
  refusal(429, { code: 10429, message: 'Rate limited. Please wait before you purge again' }, retryAfter(seconds))

/** The API as a whole has had too many requests. */
export const apiLimited = (seconds: number): HttpReply =>
  refusal(429, { code: 971, message: 'Please wait and consider throttling your request speed' }, retryAfter(seconds))

/** Cloudflare's own edge answers a broken API in plain text: a client that expects JSON must survive it. */
export const broken = (status: number): HttpReply => ({ status, headers: { 'content-type': 'text/plain' }, body: `error code: ${status}` })

export const unroutable = (path: string): HttpReply =>
  refusal(404, { code: 7003, message: `Could not route to ${path}, perhaps your object identifier is invalid?` })

export const methodRefused = (method: string): HttpReply =>
  refusal(405, { code: 7001, message: `Method ${method} not available for that URI.` })
