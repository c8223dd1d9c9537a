// What two references share is the page; what they do not share is volatile, by its place and whatever it looks like.

import { align } from './align.ts'

export interface Template {
  /** Runs of what both references have. Between two of them is a volatile place. */
  readonly blocks: readonly (readonly string[])[]
  /** How much may stand at each of those places. */
  readonly rooms: readonly number[]
}

/** Fewer tell nothing: every page has them. */
const minStable = 5

export const stableOf = ({ blocks }: Template): string[] => blocks.flat()

/** @returns undefined when the two have too little in common */
export const templateOf = (first: readonly string[], second: readonly string[]): Template | undefined => {
  const pairs = align(first, second)
  if (pairs === undefined) return undefined
  const blocks: string[][] = [[]]
  const rooms: number[] = []
  let [nextA, nextB] = [0, 0]
  const leave = (a: number, b: number): void => {
    const found = a - nextA + b - nextB
    if (found === 0) return
    // A teaser can be longer another time.
    rooms.push(2 * found + 4)
    blocks.push([])
  }
  for (const [a, b] of pairs) {
    leave(a, b)
    blocks.at(-1)?.push(...first.slice(a, a + 1))
    ;[nextA, nextB] = [a + 1, b + 1]
  }
  leave(first.length, second.length)
  return blocks.flat().length < minStable ? undefined : { blocks, rooms }
}

const holdsAt = (page: readonly string[], block: readonly string[], at: number): boolean =>
  block.every((token, index) => page[at + index] === token)

/** Whether the page has every block in order, and more only at the volatile places. Follows all ways at once, so it misses none. */
export const matches = ({ blocks, rooms }: Template, page: readonly string[]): boolean => {
  let ends = new Set([0])
  blocks.forEach((block, index) => {
    const room = index === 0 ? 0 : (rooms[index - 1] ?? 0)
    const starts = new Set<number>()
    for (const end of ends) for (let at = end; at <= Math.min(end + room, page.length); at += 1) starts.add(at)
    ends = new Set([...starts].filter((at) => holdsAt(page, block, at)).map((at) => at + block.length))
  })
  return ends.has(page.length)
}
