import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fewestBatches, growthOf } from '../../../bench/scenarios/growth.ts'

it('is told by no fewer batches than it takes', () => {
  expect(growthOf(Array.from({ length: fewestBatches - 1 }, (_, at) => at))).toBeUndefined()
  expect(growthOf(Array.from({ length: fewestBatches }, (_, at) => at))).toBeDefined()
})

it('is the slope of a straight line, wherever that begins, and leaves the first third out', () => {
  const line = fc.record({
    batches: fc.integer({ min: fewestBatches, max: 60 }),
    start: fc.integer({ min: 1e6, max: 1e8 }),
    slope: fc.integer({ min: -1000, max: 1000 }),
  })
  fc.assert(
    fc.property(line, fc.integer({ min: 0, max: 1e9 }), ({ batches, start, slope }, warmUp) => {
      const warm = Math.floor(batches / 3)
      const growth = growthOf(Array.from({ length: batches }, (_, at) => (at < warm ? warmUp : start + slope * at)))
      expect(growth?.batches).toBe(batches - warm)
      expect(growth?.slope).toBeCloseTo(slope, 3)
    }),
  )
})

it('is nothing where one batch is noisier than the next', () => {
  const growth = growthOf(Array.from({ length: 90 }, (_, at) => 29_000_000 + (at % 2) * 300_000))
  expect(Math.abs(growth?.slope ?? Infinity) * 60).toBeLessThan(29_000_000 * 0.001)
})
