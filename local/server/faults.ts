// The switch with which a stand-in is told to misbehave, from a test or over HTTP while `npm run local` is up.

import * as z from 'zod'
import { json, type HttpReply, type HttpRequest } from './http.ts'

/** How many requests it lasts; without it, until the next change. */
const times = z.int().min(1).optional()

export const Behaviour = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('ok') }),
  z.strictObject({ mode: z.literal('throttle'), retryAfter: z.int().min(0).max(3600), times }),
  z.strictObject({ mode: z.literal('fail'), status: z.int().min(500).max(599), times }),
  z.strictObject({
    mode: z.literal('reject'),
    status: z.int().min(400).max(499),
    /** Cloudflare's codes are numbers, Slack's are words. */
    code: z.union([z.int(), z.string().min(1)]),
    message: z.string().default(''),
    times,
  }),
  z.strictObject({ mode: z.literal('hang'), times }),
])
export type Behaviour = z.infer<typeof Behaviour>
export type BehaviourInput = z.input<typeof Behaviour>

export interface BehaviourSwitch {
  /** Throws a ZodError on anything that is not a behaviour. */
  readonly set: (behaviour: BehaviourInput) => void
  /** What the request at hand is to meet; uses up one of its `times`. */
  readonly take: () => Behaviour
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

const after = (behaviour: Behaviour): Behaviour => {
  if (behaviour.mode === 'ok' || behaviour.times === undefined) return behaviour
  return behaviour.times === 1 ? { mode: 'ok' } : { ...behaviour, times: behaviour.times - 1 }
}

export const createBehaviourSwitch = (): BehaviourSwitch => {
  let present: Behaviour = { mode: 'ok' }
  return {
    set: (behaviour) => {
      present = Behaviour.parse(behaviour)
    },
    take: () => {
      const taken = present
      present = after(present)
      return taken
    },
    answer: ({ method, body }) => {
      if (method === 'GET') return json(200, present)
      if (method !== 'POST') return json(405, { error: 'GET shows the behaviour, POST changes it' }, { allow: 'GET, POST' })
      const wanted = Behaviour.safeParse(parseJson(body.toString()))
      if (!wanted.success) return json(400, { error: `not a behaviour: ${z.prettifyError(wanted.error)}` })
      present = wanted.data
      return json(200, present)
    },
  }
}
