// What two lists do not share (Myers, "An O(ND) Difference Algorithm"), as long as they are not very different.

/** So many items may stand alone; pages that differ more are different pages. */
const maxEdits = 400

export interface Diff {
  /** Places in the first list whose item the second one lacks. */
  readonly lacks: ReadonlySet<number>
  /** What the second list has more, by how many items of the first one come before it. */
  readonly more: ReadonlyMap<number, readonly string[]>
}

const isDown = (previous: Int32Array, edits: number, diagonal: number): boolean =>
  diagonal === -edits || (diagonal !== edits && at(previous, diagonal - 1) < at(previous, diagonal + 1))

/** How far into the first list a number of edits gets on a diagonal. */
const at = (row: Int32Array, diagonal: number): number => row[diagonal + maxEdits + 1] ?? 0

const enter = (previous: Int32Array, edits: number, diagonal: number): number => {
  if (edits === 0) return 0
  return isDown(previous, edits, diagonal) ? at(previous, diagonal + 1) : at(previous, diagonal - 1) + 1
}

const search = (a: readonly string[], b: readonly string[]): Int32Array[] | undefined => {
  const rows: Int32Array[] = []
  let previous = new Int32Array(2 * maxEdits + 3)
  for (let edits = 0; edits <= maxEdits; edits += 1) {
    const row = new Int32Array(2 * maxEdits + 3)
    rows.push(row)
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = enter(previous, edits, diagonal)
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x += 1
      row[diagonal + maxEdits + 1] = x
      if (x >= a.length && x - diagonal >= b.length) return rows
    }
    previous = row
  }
  return undefined
}

/** @returns undefined when the lists differ in too much */
export const diff = (a: readonly string[], b: readonly string[]): Diff | undefined => {
  let start = 0
  let [endA, endB] = [a.length, b.length]
  while (start < endA && start < endB && a[start] === b[start]) start += 1
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA -= 1
    endB -= 1
  }
  const [middleA, middleB] = [a.slice(start, endA), b.slice(start, endB)]
  const rows = search(middleA, middleB)
  if (rows === undefined) return undefined
  const lacks = new Set<number>()
  const more = new Map<number, string[]>()
  let [x, y] = [middleA.length, middleB.length]
  for (let edits = rows.length - 1; edits > 0; edits -= 1) {
    const previous = rows[edits - 1] ?? new Int32Array()
    const diagonal = x - y
    if (isDown(previous, edits, diagonal)) {
      x = at(previous, diagonal + 1)
      y = x - diagonal - 1
      more.set(start + x, [...middleB.slice(y, y + 1), ...(more.get(start + x) ?? [])])
    } else {
      x = at(previous, diagonal - 1)
      y = x - diagonal + 1
      lacks.add(start + x)
    }
  }
  return { lacks, more }
}
