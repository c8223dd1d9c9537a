import { isValidSlackRequest } from '@slack/bolt'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { signatureProblem } from '../../../handlers/slack-command/signature.ts'
import { sign, signingSecret } from '../factories.ts'

// https://docs.slack.dev/authentication/verifying-requests-from-slack
const official = {
  secret: signingSecret,
  timestamp: '1531420618',
  body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
}
const at = Number(official.timestamp) * 1000

const problem = (
  {
    signature = official.signature,
    timestamp = official.timestamp,
    body = official.body,
  }: { signature?: string; timestamp?: string; body?: string | Buffer } = {},
  { secrets = [official.secret], now = at }: { secrets?: readonly string[]; now?: number } = {},
): string | undefined => signatureProblem({ signature, timestamp, rawBody: Buffer.from(body) }, secrets, now)

describe("Slack's signature", () => {
  it("accepts Slack's official vector", () => {
    expect(problem()).toBeUndefined()
  })

  it.each([
    ['300 s old', 300_000, undefined],
    ['300 s in the future', -300_000, undefined],
    ['301 s old', 301_000, /301 s old/],
    ['301 s in the future', -301_000, /-301 s old/],
    ['a day old', 86_400_000, /off/],
    ['300.001 s old', 300_001, /off/],
    ['300.001 s in the future', -300_001, /off/],
  ])('judges a timestamp that is %s by both directions of the clock', (_name, lateBy, expected) => {
    const found = problem({}, { now: at + lateBy })
    if (expected === undefined) expect(found).toBeUndefined()
    else expect(found).toMatch(expected)
  })

  it('accepts the previous secret during a rotation, and only secrets that it is given', () => {
    expect(problem({}, { secrets: ['the new one', official.secret] })).toBeUndefined()
    expect(problem({}, { secrets: [official.secret, 'the old one'] })).toBeUndefined()
    expect(problem({}, { secrets: ['the new one'] })).toBe('the signature does not match')
    expect(problem({}, { secrets: [] })).toBe('the signature does not match')
  })

  it.each([
    '',
    '-1',
    '1531420618.0',
    '1531420618 ',
    ' 1531420618',
    '1e9',
    '0x5b47a1ca',
    'NaN',
    'Infinity',
    '1'.repeat(13),
    '１５３１４２０６１８',
    '1531420618\n',
  ])('refuses the timestamp %j', (timestamp) => {
    expect(problem({ timestamp, signature: sign(official.secret, timestamp, official.body) })).toBe('the timestamp is not in epoch seconds')
  })

  const hex = official.signature.slice(3)
  it.each([
    '',
    'v0=',
    'v0',
    hex,
    `v1=${hex}`,
    `V0=${hex}`,
    `v0=${hex.toUpperCase()}`,
    `v0=${hex}0`,
    `v0=${hex.slice(1)}`,
    `v0=${hex}\n`,
    ` v0=${hex}`,
    `v0=v0=${hex}`,
    `v0=${'é'.repeat(64)}`,
    `v0=${'é'.repeat(32)}`,
    `v0=${'０'.repeat(64)}`,
    '💥',
  ])('refuses the signature %j without throwing', (signature) => {
    expect(problem({ signature })).toBe('the signature is not of version v0')
  })

  it('refuses requests without the headers', () => {
    expect(signatureProblem({ signature: undefined, timestamp: official.timestamp, rawBody: Buffer.from('') }, [official.secret], at)).toBe(
      'no Slack signature headers',
    )
    expect(signatureProblem({ signature: official.signature, timestamp: undefined, rawBody: Buffer.from('') }, [official.secret], at)).toBe(
      'no Slack signature headers',
    )
  })

  it('accepts any bytes as a body, and refuses them with any one byte changed', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.string({ minLength: 1 }),
        (bytes, where, flip, secret) => {
          const body = Buffer.from(bytes)
          const signature = sign(secret, official.timestamp, body)
          const changed = Buffer.from(body)
          const index = where % body.length
          changed[index] = changed[index]! ^ flip
          expect(problem({ body, signature }, { secrets: [secret] })).toBeUndefined()
          expect(problem({ body: changed, signature }, { secrets: [secret] })).toBe('the signature does not match')
        },
      ),
    )
  })

  it('never says which signature it expected or got', () => {
    const forged = `v0=${'a'.repeat(64)}`
    expect(problem({ signature: forged })).not.toMatch(/[0-9a-f]{16}/)
  })
})

describe('next to @slack/bolt', () => {
  const boltAccepts = (secret: string, timestamp: string, signature: string, body: string, nowMilliseconds: number): boolean =>
    isValidSlackRequest({
      signingSecret: secret,
      body,
      headers: { 'x-slack-signature': signature, 'x-slack-request-timestamp': Number(timestamp) },
      nowMilliseconds,
    })

  const mutation = fc.constantFrom('none', 'body', 'signature', 'timestamp', 'secret')

  it('we agree on every request of the past, genuine or not', () => {
    let accepted = 0
    fc.assert(
      // Whole seconds: bolt rounds the clock down, we do not.
      fc.property(
        fc.string({ minLength: 1 }),
        fc.string({ unit: 'binary' }),
        fc.integer({ min: 0, max: 600 }),
        mutation,
        (secret, body, age, mutated) => {
          const timestamp = official.timestamp
          const signature = sign(secret, timestamp, body)
          const sent = {
            secret: mutated === 'secret' ? `${secret}x` : secret,
            timestamp: mutated === 'timestamp' ? String(Number(timestamp) - 1) : timestamp,
            signature: mutated === 'signature' ? signature.replace(/.$/, (last) => (last === '0' ? '1' : '0')) : signature,
            body: mutated === 'body' ? `${body}&` : body,
          }
          const now = at + age * 1000
          const ours =
            signatureProblem(
              { signature: sent.signature, timestamp: sent.timestamp, rawBody: Buffer.from(sent.body) },
              [sent.secret],
              now,
            ) === undefined
          expect(ours).toBe(boltAccepts(sent.secret, sent.timestamp, sent.signature, sent.body, now))
          if (ours) accepted += 1
        },
      ),
      { numRuns: 500 },
    )
    // Proof that both answers occurred.
    expect(accepted).toBeGreaterThan(10)
    expect(accepted).toBeLessThan(490)
  })

  it('we alone refuse a timestamp from the future', () => {
    const now = at - 301_000
    expect(boltAccepts(official.secret, official.timestamp, official.signature, official.body, now)).toBe(true)
    expect(problem({}, { now })).toMatch(/off/)
  })
})
