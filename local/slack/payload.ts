// What comes to an incoming webhook, read and judged as Slack does it: its errors are bare codes.

import type { HttpRequest } from '../server/http.ts'
import * as z from 'zod'
import { Blocks } from './blocks.ts'

/** Far beyond a full message of 50 blocks with 10 fields of 2,000 characters, and a bound all the same. Slack publishes none. */
const maxBodyBytes = 2 * 1024 * 1024

interface Judged {
  /** As it came, when it could not be read. */
  readonly payload: unknown
  readonly status: number
  readonly error: string | null
}

const Message = z.looseObject({
  text: z.string().optional(),
  blocks: z.unknown().optional(),
  attachments: z.array(z.unknown()).optional(),
})

const parseJson = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** JSON as such, or in the field `payload` of a form, as curl and old clients send it. */
const readPayload = ({ headers, body }: HttpRequest): { readonly value: unknown } | undefined => {
  const text = body.toString()
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false
  return parseJson(isForm ? (new URLSearchParams(text).get('payload') ?? '') : text)
}

const messageError = (value: unknown): string | null => {
  const message = Message.safeParse(value)
  if (!message.success) return 'invalid_payload'
  const { text = '', blocks = [], attachments = [] } = message.data
  if (!Array.isArray(blocks)) return 'invalid_blocks_format'
  if (!Blocks.safeParse(blocks).success) return 'invalid_blocks'
  return text === '' && blocks.length === 0 && attachments.length === 0 ? 'no_text' : null
}

export const judgePayload = (request: HttpRequest): Judged => {
  if (request.body.length > maxBodyBytes) return { payload: null, status: 413, error: 'payload_too_large' }
  const read = readPayload(request)
  if (read === undefined) return { payload: request.body.toString(), status: 400, error: 'invalid_payload' }
  const error = messageError(read.value)
  return { payload: read.value, status: error === null ? 200 : 400, error }
}
