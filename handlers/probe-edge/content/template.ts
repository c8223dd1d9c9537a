// What two references share is the page; what they do not share is volatile, by its place and whatever it looks like.

import { diff } from './diff.ts'

export interface Template {
  readonly first: readonly string[]
  /** Places in the first reference that the second one does not share. */
  readonly volatile: ReadonlySet<number>
  /** The number of the volatile run at a place, by how many items of the first reference come before it. */
  readonly runAt: ReadonlyMap<number, number>
  /** How many tokens may stand at each run. */
  readonly rooms: readonly number[]
}

/** Fewer tell nothing: every page has them. */
const minStable = 5

/** A counter is one word whenever it is asked for, and what stands beside it is none. A teaser can be longer another time. */
const roomOf = ([inFirst, inSecond]: readonly [number, number]): number =>
  inFirst === inSecond && inFirst <= 3 ? inFirst : 2 * (inFirst + inSecond) + 4

/** @returns undefined when the two have too little in common */
export const templateOf = (first: readonly string[], second: readonly string[]): Template | undefined => {
  const between = diff(first, second)
  if (between === undefined || first.length - between.lacks.size < minStable) return undefined
  const runAt = new Map<number, number>()
  const sizes: [inFirst: number, inSecond: number][] = []
  const grow = (place: number, inFirst: number, inSecond: number): number => {
    const run = runAt.get(place) ?? sizes.push([0, 0]) - 1
    runAt.set(place, run)
    const [one, two] = sizes[run] ?? [0, 0]
    sizes[run] = [one + inFirst, two + inSecond]
    return run
  }
  for (let index = 0; index < first.length; index += 1) if (between.lacks.has(index)) runAt.set(index + 1, grow(index, 1, 0))
  for (const [place, tokens] of between.more) grow(place, 0, tokens.length)
  return { first, volatile: between.lacks, runAt, rooms: sizes.map(roomOf) }
}

export interface Difference {
  /** What both references have and the reader lacks, in order. */
  readonly lacks: readonly string[]
  /** What the reader has and neither reference. */
  readonly more: readonly string[]
  /** The first place where they differ, as the reader has it and as the site makes it. */
  readonly says: readonly string[]
  readonly makes: readonly string[]
}

/** Words that are alike between two that are not: so many belong to one sentence still. */
const maxAlike = 2

/** @returns undefined when the reader's page has too little in common with the site's */
export const differenceOf = ({ first, volatile, runAt, rooms }: Template, reader: readonly string[]): Difference | undefined => {
  const change = diff(first, reader)
  if (change === undefined) return undefined
  const [lacks, more, says, makes]: [string[], string[], string[], string[]] = [[], [], [], []]
  let alike: string[] = []
  const used: number[] = []
  const extend = (): boolean => {
    if (alike.length > maxAlike) return false
    says.push(...alike)
    makes.push(...alike)
    alike = []
    return true
  }
  for (let place = 0; place <= first.length; place += 1) {
    const added = change.more.get(place) ?? []
    const run = runAt.get(place)
    if (run !== undefined) used[run] = (used[run] ?? 0) + added.length
    if (added.length > 0 && (run === undefined || (used[run] ?? 0) > (rooms[run] ?? 0))) {
      more.push(...added)
      if (extend()) says.push(...added)
    }
    const token = first[place]
    if (token === undefined || volatile.has(place)) continue
    if (change.lacks.has(place)) {
      lacks.push(token)
      if (extend()) makes.push(token)
    } else if (lacks.length + more.length > 0) alike.push(token)
  }
  return { lacks, more, says, makes }
}
