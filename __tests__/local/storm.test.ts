// 100,000 events in small; `npm run bench` runs them all.

import { expect, test } from 'vitest'
import { runStorm } from '../../bench/scenarios/storm.ts'

test('a storm is cheaper than its events, and loses none', { timeout: 180_000 }, async () => {
  const result = await runStorm({ events: 5000, distance: 200, seed: 7, log: () => undefined })
  expect(result).toMatchObject({ missed: 0, dead: 0, left: 0, failures: [], slackMessages: 0 })
  expect(result.distinctUrls).toBeLessThan(4200)
  // In small one refusal more is a fiftieth, so those by chance are counted apart; a request that died with its function is sent again.
  expect(result.accepted).toBeLessThanOrEqual(result.floor * 1.1 + 2)
})

test('a function holds no more after its last batches than after those before them', { timeout: 180_000 }, async () => {
  const { held, missed } = await runStorm({ events: 3000, distance: 200, batch: 100, seed: 8, log: () => undefined })
  expect(missed).toBe(0)
  const [longest = []] = held.toSorted((a, b) => b.length - a.length)
  const third = Math.floor(longest.length / 3)
  expect(third).toBeGreaterThan(3)
  expect(Math.max(...longest.slice(-third))).toBeLessThan(Math.max(...longest.slice(third, 2 * third)) * 1.01)
})
