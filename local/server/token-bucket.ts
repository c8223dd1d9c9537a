// A token bucket, as Cloudflare and API Gateway use it: it fills steadily, holds so much, and a refused request costs nothing.

export interface BucketSize {
  /** The most that it holds; it starts full. */
  readonly capacity: number
  readonly perSecond: number
}

export interface Bucket {
  /** @returns 0 when the tokens were there and are now used, else the seconds until they will be, to the millisecond */
  readonly take: (tokens: number) => number
}

/** @param now epoch milliseconds */
export const createBucket = ({ capacity, perSecond }: BucketSize, now: () => number): Bucket => {
  let level = capacity
  let at = now()
  return {
    take: (tokens) => {
      const time = now()
      // A clock that steps back must not drain the bucket.
      level = Math.min(capacity, level + (Math.max(0, time - at) / 1000) * perSecond)
      at = time
      // To the millisecond: 12 refills of 1/12 make a hair less than 1, and a hair more than 1 s must not become 2 s of retry-after.
      const missing = Math.round(((tokens - level) / perSecond) * 1000) / 1000
      if (missing > 0) return missing
      level -= tokens
      return 0
    },
  }
}
