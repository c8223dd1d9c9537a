import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clip, escapeMrkdwn, mention } from '../../../handlers/shared/mrkdwn.ts'

const unescape = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
const anyText = fc.string({
  unit: fc.oneof(fc.constantFrom('&', '<', '>', '!', '@', '&amp;', '😀', '`'), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })),
})

describe('escaping', () => {
  it('leaves no angle bracket and loses nothing', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(escapeMrkdwn(text)).not.toMatch(/[<>]/)
        expect(unescape(escapeMrkdwn(text))).toBe(text)
      }),
    )
  })
})

describe('clipping', () => {
  it('never exceeds the limit, and never tears an escape or a surrogate pair apart', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 60 }), (text, length) => {
        const escaped = escapeMrkdwn(text)
        const clipped = clip(escaped, length)
        expect(clipped.length).toBeLessThanOrEqual(length)
        expect(Buffer.from(clipped).toString()).toBe(clipped)
        if (escaped.length <= length) expect(clipped).toBe(escaped)
        else {
          expect(clipped.endsWith('…')).toBe(true)
          expect(escaped.startsWith(clipped.slice(0, -1))).toBe(true)
        }
        expect(clipped.replaceAll(/&(amp|lt|gt);/g, '')).not.toContain('&')
      }),
      { numRuns: 1000 },
    )
  })
})

describe('a requester', () => {
  it.each(['U2CERLKJA', 'W012A3CDE'])('%s becomes a mention', (id) => {
    expect(mention(id)).toBe(`<@${id}>`)
  })

  it.each(['Ann', 'USER', 'u2cerlkja', 'U2CERLKJA ', 'C0123456789', '!channel', 'U2CERLKJA>', 'UNIVERSITY STAFF'])(
    '%j stays words',
    (words) => {
      expect(mention(words)).toBe(escapeMrkdwn(words))
    },
  )
})
