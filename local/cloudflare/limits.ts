// Cloudflare's documented purge limits by plan (developers.cloudflare.com/cache/how-to/purge-cache, read 2026-11).

import { createBucket, type Bucket, type BucketSize } from '../server/token-bucket.ts'
import type { Edge } from '../../edge/cloudflare/schema.ts'

export type Plan = Edge['plan']

interface PlanLimits {
  /** Requests with hosts, tags, prefixes or purge_everything. */
  readonly requests: BucketSize
  /** URLs, however many requests carry them. */
  readonly urls: BucketSize
  readonly urlsPerRequest: number
}

/** Hosts, tags or prefixes in one request. */
export const itemsPerRequest = 100

/** Cloudflare documents the URL limit as a moving average over a second; a bucket of one second comes closest. */
const aSecondOf = (urls: number): BucketSize => ({ capacity: urls, perSecond: urls })

export const limits: Record<Plan, PlanLimits> = {
  free: { requests: { capacity: 25, perSecond: 5 / 60 }, urls: aSecondOf(800), urlsPerRequest: 100 },
  pro: { requests: { capacity: 25, perSecond: 5 }, urls: aSecondOf(1500), urlsPerRequest: 100 },
  business: { requests: { capacity: 50, perSecond: 10 }, urls: aSecondOf(1500), urlsPerRequest: 100 },
  enterprise: { requests: { capacity: 500, perSecond: 50 }, urls: aSecondOf(3000), urlsPerRequest: 500 },
}

export interface PurgeBuckets {
  readonly requests: Bucket
  readonly urls: Bucket
}

const bucketsOf = ({ requests, urls }: PlanLimits, now: () => number): PurgeBuckets => ({
  requests: createBucket(requests, now),
  urls: createBucket(urls, now),
})

/** The limits count per account, and the fake is one account: zones of one plan share their buckets. */
export const createBuckets = (now: () => number): Record<Plan, PurgeBuckets> => ({
  free: bucketsOf(limits.free, now),
  pro: bucketsOf(limits.pro, now),
  business: bucketsOf(limits.business, now),
  enterprise: bucketsOf(limits.enterprise, now),
})
