// The items of a Map, at most so many at a time. After a failure no further item starts: that is the rule which the engine breaks.

/**
 * @param concurrency 0 means all that Step Functions would run at once (40)
 * @param stop called once, at the first failure, to end what still runs
 * @returns the results in the order of the items
 */
export const runItems = async <T>(
  items: readonly unknown[],
  concurrency: number,
  run: (item: unknown, index: number) => Promise<T>,
  stop: () => void,
): Promise<T[]> => {
  const results = new Map<number, T>()
  const waiting = items.map((item, index) => ({ item, index }))
  const failures: unknown[] = []
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { item, index } = next
      try {
        results.set(index, await run(item, index))
      } catch (error) {
        waiting.length = 0
        failures.push(error)
        if (failures.length === 1) stop()
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(items.length, concurrency || 40) }, work))
  if (failures.length > 0) throw failures[0]
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result)
}
