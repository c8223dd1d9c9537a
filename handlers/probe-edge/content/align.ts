// Finds which items of two lists belong together (Myers, "An O(ND) Difference Algorithm"), as long as the lists are not very different.

/** So many items may stand alone; pages that differ more are different pages. */
const maxEdits = 400

/** @returns pairs of positions in `a` and `b` that hold the same, in order; undefined when the lists differ in too much */
export const align = (a: readonly string[], b: readonly string[]): [number, number][] | undefined => {
  let start = 0
  let endA = a.length
  let endB = b.length
  while (start < endA && start < endB && a[start] === b[start]) start += 1
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA -= 1
    endB -= 1
  }
  const middle = alignMiddle(a.slice(start, endA), b.slice(start, endB))
  return (
    middle && [
      ...Array.from({ length: start }, (_, index): [number, number] => [index, index]),
      ...middle.map(([x, y]): [number, number] => [x + start, y + start]),
      ...Array.from({ length: a.length - endA }, (_, index): [number, number] => [endA + index, endB + index]),
    ]
  )
}

const reach = (row: ReadonlyMap<number, number> | undefined, diagonal: number): number => row?.get(diagonal) ?? -1

const isDown = (previous: ReadonlyMap<number, number> | undefined, edits: number, diagonal: number): boolean =>
  diagonal === -edits || (diagonal !== edits && reach(previous, diagonal - 1) < reach(previous, diagonal + 1))

const enter = (previous: ReadonlyMap<number, number> | undefined, edits: number, diagonal: number): number => {
  if (edits === 0) return 0
  return isDown(previous, edits, diagonal) ? reach(previous, diagonal + 1) : reach(previous, diagonal - 1) + 1
}

const alignMiddle = (a: readonly string[], b: readonly string[]): [number, number][] | undefined => {
  /** How far into `a` each number of edits gets, by diagonal. */
  const rows: Map<number, number>[] = []
  for (let edits = 0; edits <= maxEdits; edits += 1) {
    const row = new Map<number, number>()
    rows.push(row)
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = enter(rows[edits - 1], edits, diagonal)
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x += 1
      row.set(diagonal, x)
      if (x >= a.length && x - diagonal >= b.length) return walkBack(rows, a.length, b.length)
    }
  }
  return undefined
}

const walkBack = (rows: readonly ReadonlyMap<number, number>[], endA: number, endB: number): [number, number][] => {
  const pairs: [number, number][] = []
  let x = endA
  let y = endB
  for (let edits = rows.length - 1; edits >= 0; edits -= 1) {
    const previous = rows[edits - 1]
    const diagonal = x - y
    const from = enter(previous, edits, diagonal)
    while (x > from) {
      x -= 1
      y -= 1
      pairs.push([x, y])
    }
    if (edits > 0 && !isDown(previous, edits, diagonal)) x -= 1
    y = edits > 0 && isDown(previous, edits, diagonal) ? y - 1 : y
  }
  return pairs.reverse()
}
