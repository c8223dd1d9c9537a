// A Lambda's result as API Gateway turns it into an HTTP answer (HTTP API, payload format 2.0).

import * as z from 'zod'
import { json, type HttpReply } from '../../server/http.ts'

export const serverError = (): HttpReply => json(500, { message: 'Internal Server Error' })

const Structured = z.looseObject({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).default({}),
  body: z.string().default(''),
  isBase64Encoded: z.boolean().default(false),
  // The server of the local run cannot repeat a header, and nothing here sets a cookie: say so by failing, not by losing one.
  cookies: z.array(z.string()).max(0).optional(),
})

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** Without a statusCode the whole result is the body: 200 and JSON, a string as it stands. */
export const toReply = (result: unknown): HttpReply => {
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) {
    const body = typeof result === 'string' ? result : JSON.stringify(result ?? null)
    return { status: 200, headers: { 'content-type': 'application/json' }, body }
  }
  const structured = Structured.safeParse(result)
  if (!structured.success) return serverError()
  const { statusCode, headers, body, isBase64Encoded } = structured.data
  return {
    status: statusCode,
    headers: { 'content-type': 'text/plain;charset=utf-8', ...lowerCase(headers) },
    body: isBase64Encoded ? Buffer.from(body, 'base64').toString() : body,
  }
}
