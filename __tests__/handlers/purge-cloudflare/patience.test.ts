import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { PurgeAnswer } from '../../../edge/cloudflare/answer.ts'
import { admit, maxPatientWaitedSeconds, maxWaitedSeconds, settle } from '../../../handlers/purge-cloudflare/core.ts'
import type { PurgeBody } from '../../../edge/cloudflare/bodies.ts'
import type { EdgeProgress } from '../../../statemachines/data/edge.ts'
import { anEdgeProgress, noon } from '../factories.ts'

const body: PurgeBody = { files: Array.from({ length: 30 }, (_, index) => `https://assets.example.com/${index}`) }
const patient = (changes: Partial<EdgeProgress> = {}): EdgeProgress =>
  anEdgeProgress({ pending: [body], patient: true, share: 0.5, ...changes })
const throttled: PurgeAnswer = { status: 429, retryAfterSeconds: 1, body: { success: false, errors: [{ code: 971, message: 'wait' }] } }

describe('a patient purge', () => {
  it('outlasts an outage of three hours, within the time of an execution', () => {
    let progress = patient()
    let seconds = 0
    let turns = 0
    const fail = () => {
      for (;;) {
        progress = settle(progress, body, undefined)
        // A turn that finds Cloudflare down takes up to 10 s by itself.
        seconds += progress.waitSeconds + 10
        turns += 1
      }
    }
    expect(fail).toThrow(/could not be reached, 45 times in a row/)
    expect(seconds).toBeGreaterThan(3 * 3600)
    expect(seconds).toBeLessThan(14_400 - 600)
    expect(turns).toBeLessThan(50)
    expect(progress.waitSeconds).toBe(300)
  })

  it('comes back in time where Cloudflare asks it to wait for longer', () => {
    expect(settle(patient(), body, { ...throttled, retryAfterSeconds: 86_400 }).waitSeconds).toBe(300)
  })

  it('halves its share of the limit each time that the limit is met, and can always send one request', () => {
    let progress = patient()
    const shares: number[] = []
    for (let turn = 0; turn < 6; turn += 1) {
      progress = settle(progress, body, throttled)
      shares.push(progress.share)
    }
    expect(shares).toEqual([1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 32, 1 / 32])
    expect(admit({ ...progress, bucket: { tokens: 0, at: noon } }, body, noon + 10_000).waitSeconds).toBe(0)
  })

  it('takes its share only: half of the 800 URLs a second', () => {
    let progress = patient({ pending: Array.from({ length: 30 }, () => body) })
    let sent = 0
    for (; admit(progress, body, noon).waitSeconds === 0; sent += 1)
      progress = settle(admit(progress, body, noon).progress, body, { status: 200, retryAfterSeconds: undefined, body: { success: true } })
    expect(sent).toBe(Math.floor(400 / 30))
  })
})

describe('a limit that stays met', () => {
  const waits = (start: EdgeProgress, answer: PurgeAnswer): number[] => {
    const all: number[] = []
    let progress = start
    try {
      // An execution's history takes 25,000 events, and a turn is some ten of them.
      for (let turn = 0; turn < 2000; turn += 1) {
        progress = settle(progress, body, answer)
        all.push(progress.waitSeconds)
      }
    } catch (error) {
      expect((error as Error).name).toBe('EdgeUnavailable')
      return all
    }
    throw new Error('it never gives up')
  }
  const total = (all: readonly number[]): number => all.reduce((sum, seconds) => sum + seconds, 0)
  const answers = [undefined, 0, 1, 2, 30, 299, 300, 600].map((retryAfterSeconds) => ({ ...throttled, retryAfterSeconds }))

  it.each(answers)('for three hours ends a patient purge, and not before: retry-after $retryAfterSeconds', (answer) => {
    const all = waits(patient(), answer)
    expect(total(all)).toBeGreaterThanOrEqual(maxPatientWaitedSeconds)
    expect(total(all)).toBeLessThanOrEqual(maxPatientWaitedSeconds + 300)
    expect(all.length).toBeLessThan(100)
  })

  it.each(answers)('is borne for six times five minutes by any other purge: retry-after $retryAfterSeconds', (answer) => {
    const all = waits(anEdgeProgress({ pending: [body] }), answer)
    expect(total(all)).toBeGreaterThanOrEqual(maxWaitedSeconds)
    expect(total(all)).toBeLessThanOrEqual(maxWaitedSeconds + 600)
    expect(all.length).toBeLessThan(100)
  })

  it('is borne within the time of an execution, in both rounds of a purge', () => {
    const seconds = (JSON.parse(readFileSync('statemachines/purge.asl.json', 'utf8')) as { TimeoutSeconds: number }).TimeoutSeconds
    expect(2 * (maxWaitedSeconds + 600)).toBeLessThan(seconds / 2)
    expect(maxPatientWaitedSeconds + 300).toBeLessThan(seconds - 3600)
  })

  it('is asked again no sooner than Cloudflare says', () => {
    for (const retryAfterSeconds of [1, 17, 300, 600])
      for (const seconds of waits(anEdgeProgress({ pending: [body] }), { ...throttled, retryAfterSeconds }))
        expect(seconds).toBeGreaterThanOrEqual(retryAfterSeconds)
  })

  it('is new once something was accepted', () => {
    const progress = settle(anEdgeProgress({ pending: [body], waitedSeconds: 1799 }), body, throttled)
    const yes = { status: 200, retryAfterSeconds: undefined, body: { success: true } }
    expect([progress.waitedSeconds, settle(progress, body, yes).waitedSeconds]).toEqual([1800, 0])
  })
})

describe('any other purge', () => {
  it('keeps its share, and gives up as before', () => {
    const progress = settle(anEdgeProgress({ pending: [body] }), body, throttled)
    expect(progress.share).toBe(1)
    expect(() => settle({ ...progress, turns: 5 }, body, undefined)).toThrow('6 times in a row')
  })
})
