// 100,000 events in small; `npm run bench` runs them all.

import { expect, test } from 'vitest'
import { runStorm } from '../../../bench/scenarios/storm.ts'

test('a storm is cheaper than its events, and loses none', { timeout: 180_000 }, async () => {
  const result = await runStorm({ events: 5000, distance: 200, seed: 7, log: () => undefined })
  expect(result).toMatchObject({ missed: 0, dead: 0, left: 0, failures: [], slackMessages: 0 })
  expect(result.distinctUrls).toBeLessThan(4200)
  // In small one refusal more is a fiftieth, so those by chance are counted apart; a request that died with its function is sent again.
  expect(result.accepted).toBeLessThanOrEqual(result.floor * 1.1 + 2)
})
