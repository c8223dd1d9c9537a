import { expect, test } from 'vitest'
import { createBucket } from '../../../local/server/token-bucket.ts'

const bucket = () => {
  const clock = { now: 0 }
  return { clock, take: createBucket({ capacity: 3, perSecond: 0.5 }, () => clock.now).take }
}

test('starts full, and says to the millisecond how long an empty one needs', () => {
  const { take } = bucket()
  expect([take(2), take(1), take(1), take(3)]).toEqual([0, 0, 2, 6])
})

test('a refused take uses nothing', () => {
  const { take } = bucket()
  expect([take(2), take(2), take(1)]).toEqual([0, 2, 0])
})

test('fills steadily and never beyond its capacity', () => {
  const { clock, take } = bucket()
  take(3)
  clock.now = 1000
  expect(take(1)).toBe(1)
  clock.now = 1_000_000
  expect([take(3), take(1)]).toEqual([0, 2])
})

test('a clock that steps back takes nothing away', () => {
  const { clock, take } = bucket()
  clock.now = -60_000
  expect(take(3)).toBe(0)
})
