import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { align } from '../../../../handlers/probe-edge/content/align.ts'

const letters = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 30 })

/** By the table of all beginnings. */
const longestCommon = (a: readonly string[], b: readonly string[]): number => {
  let row = Array.from({ length: b.length + 1 }, () => 0)
  for (const item of a) {
    const next = [0]
    b.forEach((other, index) => next.push(item === other ? row[index]! + 1 : Math.max(row[index + 1]!, next[index]!)))
    row = next
  }
  return row[b.length]!
}

it('pairs as much as can be paired, in order', () => {
  fc.assert(
    fc.property(letters, letters, (a, b) => {
      const pairs = align(a, b)!
      expect(pairs).toHaveLength(longestCommon(a, b))
      pairs.forEach(([x, y], index) => {
        expect(a[x]).toBe(b[y])
        if (index > 0) expect(x > pairs[index - 1]![0] && y > pairs[index - 1]![1]).toBe(true)
      })
    }),
    { numRuns: 1000 },
  )
})

it('gives up on lists that have little in common', () => {
  const list = (name: string): string[] => Array.from({ length: 300 }, (_, index) => `${name}${index}`)
  expect(align(list('a'), list('b'))).toBeUndefined()
})
