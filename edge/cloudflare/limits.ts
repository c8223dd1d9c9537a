// How much Cloudflare takes, and which part of it the purges of buckets' events may have.

export const plans = ['free', 'pro', 'business', 'enterprise'] as const

/**
 * Requests a second and the size of the bucket, per account and plan; for files the unit is URLs.
 * https://developers.cloudflare.com/cache/how-to/purge-cache/#availability-and-limits
 */
export const rateLimits: Record<
  (typeof plans)[number],
  Record<'requests' | 'urls', { readonly perSecond: number; readonly capacity: number }>
> = {
  free: { requests: { perSecond: 5 / 60, capacity: 25 }, urls: { perSecond: 800, capacity: 800 } },
  pro: { requests: { perSecond: 5, capacity: 25 }, urls: { perSecond: 1500, capacity: 1500 } },
  business: { requests: { perSecond: 10, capacity: 50 }, urls: { perSecond: 1500, capacity: 1500 } },
  enterprise: { requests: { perSecond: 50, capacity: 500 }, urls: { perSecond: 3000, capacity: 3000 } },
}

/** Of the limit: what all batches of events together may use. The rest is for people's purges, and for whatever is sent twice. */
export const shareOfEvents = 1 / 2
/** What one execution of a batch allows itself. A batch makes a few, and two batches are under way at once. */
export const shareOfOneExecution = 1 / 8

/** Hosts, prefixes or URLs in one request. */
const maxItems = 100
/** URLs alone, on the enterprise plan. */
export const maxEnterpriseUrls = 500

/** How many items Cloudflare takes in one request. */
export const maxItemsPerRequest = (plan: string, what: string): number =>
  plan === 'enterprise' && what === 'files' ? maxEnterpriseUrls : maxItems
