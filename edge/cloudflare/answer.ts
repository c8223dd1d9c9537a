// What Cloudflare's answer to a purge request means. No I/O.

import * as z from 'zod'

/** What came back for one request. */
export interface PurgeAnswer {
  readonly status: number
  /** What a header asks for; undefined where none does. */
  readonly retryAfterSeconds: number | undefined
  /** The parsed body; undefined where it was not JSON. */
  readonly body: unknown
}

const Envelope = z.object({
  success: z.boolean(),
  /** Also `null`, and whatever else: it explains an answer and decides none but a throttle. */
  errors: z.array(z.object({ code: z.number(), message: z.string() })).catch([]),
})

const throttleCodes = new Set([971, 10429])
const isRetryableStatus = (status: number): boolean => status === 408 || status === 409 || status === 429 || status >= 500

export interface PurgeReading {
  /** Purged; come back later, more slowly; come back later; never. */
  readonly outcome: 'accepted' | 'throttled' | 'failing' | 'refused'
  /** Codes of the errors that it named. */
  readonly codes: readonly number[]
  /** `HTTP 403: 10000 Authentication error` */
  readonly said: string
}

export const readPurgeAnswer = ({ status, body }: PurgeAnswer): PurgeReading => {
  const envelope = Envelope.safeParse(body).data
  const errors = envelope?.errors ?? []
  const codes = errors.map(({ code }) => code)
  const said = `HTTP ${status}: ${errors.map(({ code, message }) => `${code} ${message}`).join('; ') || 'no error message'}`
  if (status < 300 && envelope?.success === true) return { outcome: 'accepted', codes, said }
  if (status === 429 || codes.some((code) => throttleCodes.has(code))) return { outcome: 'throttled', codes, said }
  // A page instead of JSON below 400 comes from something in between; above it, it is a refusal in other words.
  const isFailing = isRetryableStatus(status) || (envelope === undefined && status < 400)
  return { outcome: isFailing ? 'failing' : 'refused', codes, said }
}
