// The switch with which a fault is injected into a fake, from a test or over HTTP while `npm run local` is up.

import * as z from 'zod'
import { json, type HttpReply, type HttpRequest } from './http.ts'

/** How many requests it lasts; without it, until the next change. */
const times = z.int().min(1).optional()

export const Fault = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('ok') }),
  z.strictObject({ mode: z.literal('throttle'), retryAfter: z.int().min(0).max(3600), times }),
  z.strictObject({ mode: z.literal('fail'), status: z.int().min(500).max(599), times }),
  z.strictObject({
    mode: z.literal('reject'),
    status: z.int().min(400).max(499),
    /** Cloudflare's codes are numbers, Slack's are strings. */
    code: z.union([z.int(), z.string().min(1)]),
    message: z.string().default(''),
    times,
  }),
  z.strictObject({ mode: z.literal('hang'), times }),
])
export type Fault = z.infer<typeof Fault>
export type FaultInput = z.input<typeof Fault>

export interface FaultSwitch {
  /** Throws a ZodError on anything that is not a fault. */
  readonly set: (fault: FaultInput) => void
  /** What the request at hand is to meet; uses up one of its `times`. */
  readonly take: () => Fault
  /** The switch over HTTP: GET shows it, POST changes it. */
  readonly answer: (request: HttpRequest) => HttpReply
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const after = (fault: Fault): Fault => {
  if (fault.mode === 'ok' || fault.times === undefined) return fault
  return fault.times === 1 ? { mode: 'ok' } : { ...fault, times: fault.times - 1 }
}

export const createFaultSwitch = (): FaultSwitch => {
  let present: Fault = { mode: 'ok' }
  return {
    set: (fault) => {
      present = Fault.parse(fault)
    },
    take: () => {
      const taken = present
      present = after(present)
      return taken
    },
    answer: ({ method, body }) => {
      if (method === 'GET') return json(200, present)
      if (method !== 'POST') return json(405, { error: 'GET shows the fault, POST changes it' }, { allow: 'GET, POST' })
      const wanted = Fault.safeParse(parseJson(body.toString()))
      if (!wanted.success) return json(400, { error: `not a fault: ${z.prettifyError(wanted.error)}` })
      present = wanted.data
      return json(200, present)
    },
  }
}
