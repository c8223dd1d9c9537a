// Whether a process grows: a straight line through what it holds after each batch tells growth from the noise of one batch.

export interface Growth {
  /** How many batches the line goes through. */
  readonly batches: number
  /** In bytes, over these batches. */
  readonly mean: number
  /** In bytes a batch. */
  readonly slope: number
}

/** Fewer tell nothing. */
export const fewestBatches = 9

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/**
 * @param held in bytes, after each batch, in order. The first third is left out: a process that has just started warms up.
 * @returns undefined for too few batches
 */
export const growthOf = (held: readonly number[]): Growth | undefined => {
  if (held.length < fewestBatches) return undefined
  const steady = held.slice(Math.floor(held.length / 3))
  const [middle, meanBytes] = [(steady.length - 1) / 2, mean(steady)]
  const slope = mean(steady.map((bytes, at) => (at - middle) * (bytes - meanBytes))) / mean(steady.map((_, at) => (at - middle) ** 2))
  return { batches: steady.length, mean: meanBytes, slope }
}
