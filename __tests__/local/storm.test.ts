// 100,000 events in small; `npm run bench` runs them all.

import { expect, test } from 'vitest'
import { runStorm } from '../../local/storm.ts'

test('a storm is cheaper than its events, and loses none', { timeout: 180_000 }, async () => {
  const result = await runStorm({ events: 6000, distance: 200, seed: 7, log: () => undefined })
  expect(result).toMatchObject({ missed: 0, dead: 0, left: 0, failures: [], slackMessages: 0 })
  expect(result.distinctUrls).toBeLessThan(5000)
  // In small the chance refusals weigh more, so they are counted apart; a request that died with its function is sent again.
  expect(result.accepted).toBeLessThanOrEqual(result.floor * 1.1 + 2)
  // The functions do not grow from batch to batch.
  expect(Math.max(...result.memory)).toBeLessThan(400)
})
