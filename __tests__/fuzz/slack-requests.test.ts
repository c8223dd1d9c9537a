// Mutated requests at the one door to the internet: none starts anything unless it is signed, and none breaks the function.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHandler } from '../../handlers/slack-command/handler.ts'
import { aConfig } from '../config/a-config.ts'
import { aForm, aSlackEvent, noon, sign, signingSecret, someSecrets } from '../handlers/factories.ts'
import { fuzzRuns } from './count.ts'
import { quietConsole } from './quiet.ts'

quietConsole()

const seconds = noon / 1000
const readSecrets = someSecrets({ '/acme/slack/signing-secret': signingSecret })
const config = aConfig()

/** One request and what came of it. */
const send = async (event: ReturnType<typeof aSlackEvent>): Promise<{ readonly status: number; readonly started: number }> => {
  let started = 0
  const handler = createHandler({
    config,
    readSecrets,
    now: () => noon,
    startExecution: () => {
      started += 1
      return Promise.resolve()
    },
  })
  const { statusCode = 0 } = await handler(event)
  return { status: statusCode, started }
}

/** Judged a second time, on purpose, and from the event alone. */
const isSigned = ({ headers, body = '', isBase64Encoded }: ReturnType<typeof aSlackEvent>): boolean => {
  const timestamp = headers['x-slack-request-timestamp'] ?? ''
  const raw = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8')
  return (
    /^\d{1,12}$/.test(timestamp) &&
    Math.abs(seconds - Number(timestamp)) <= 300 &&
    headers['x-slack-signature'] === sign(signingSecret, timestamp, raw)
  )
}

const bytes = fc.uint8Array({ maxLength: 40 })
const mutatedBody = fc
  .tuple(
    fc.constantFrom('keep' as const, 'flip' as const, 'cut' as const, 'insert' as const, 'replace' as const, 'double' as const),
    fc.nat(400),
    bytes,
  )
  .map(([how, where, more]) => {
    const body = Buffer.from(aForm())
    const at = where % body.length
    switch (how) {
      case 'flip':
        return Buffer.from(body.map((byte, index) => (index === at ? byte ^ 1 : byte)))
      case 'cut':
        return body.subarray(0, at)
      case 'insert':
        return Buffer.concat([body.subarray(0, at), more, body.subarray(at)])
      case 'replace':
        return Buffer.from(more)
      case 'double':
        return Buffer.concat([body, Buffer.from('&'), body])
      case 'keep':
        return body
    }
  })
const timestamp = fc.oneof(
  fc.constant(String(seconds)),
  fc.integer({ min: seconds - 700, max: seconds + 700 }).map(String),
  fc.string({ maxLength: 14 }),
  fc.double().map(String),
)
const header = fc.oneof(fc.constant(undefined), fc.string({ maxLength: 80 }), fc.constant(`v0=${'0'.repeat(64)}`))
const request = fc.record({
  body: mutatedBody,
  timestamp,
  secret: fc.constantFrom(signingSecret, signingSecret, '', `${signingSecret} `, signingSecret.toUpperCase()),
  signedBody: fc.option(mutatedBody),
  method: fc.constantFrom('POST', 'POST', 'POST', 'GET', 'PUT', 'post'),
  base64: fc.boolean(),
  headers: fc.dictionary(fc.constantFrom('x-slack-signature', 'x-slack-request-timestamp', 'content-type', 'x-other'), header, {
    maxKeys: 1,
  }),
  flag: fc.boolean(),
})

describe('a mutated request', () => {
  it(`starts nothing unless it is signed, and is never a server error: ${fuzzRuns(100_000)} of them`, async () => {
    let [accepted, refused] = [0, 0]
    await fc.assert(
      fc.asyncProperty(request, async ({ signedBody, flag, headers, ...changes }) => {
        // Signed for another body, in some of them.
        const other = signedBody === null ? {} : { 'x-slack-signature': sign(changes.secret, changes.timestamp, signedBody) }
        const made = aSlackEvent({ ...changes, headers: { ...other, ...headers } })
        const event = flag ? made : { ...made, isBase64Encoded: !made.isBase64Encoded }
        const { status, started } = await send(event)
        expect([200, 400, 401, 405]).toContain(status)
        if (started > 0) expect(isSigned(event)).toBe(true)
        if (started > 0) accepted += 1
        else refused += 1
      }),
      { numRuns: fuzzRuns(100_000) },
    )
    // Proof that both occurred.
    expect(accepted).toBeGreaterThan(0)
    expect(refused).toBeGreaterThan(accepted)
  }, 1_200_000)
})
