// What an operator writes of a target's edge: the zone, what of it is purged, and with which credentials.

import * as z from 'zod'
import { evenBesideOtherErrors, Hostname, matching, ParameterName } from '../../config/fields.ts'
import { maxEnterpriseUrls, maxItemsPerRequest, plans } from './limits.ts'

const Url = z.string().superRefine((value, context) => {
  const url = URL.parse(value)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    context.addIssue({ code: 'custom', message: `${JSON.stringify(value)} is not an http or https URL` })
  } else if (url.hash !== '' || value.includes('*')) {
    context.addIssue({ code: 'custom', message: `${JSON.stringify(value)}: Cloudflare takes no fragment and no wildcard in a URL` })
  }
})

const Prefix = matching(
  /^([a-z0-9_-]+\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})\/[^?#*\s]*$/,
  'a Cloudflare prefix: host and path, no scheme, no query (www.example.com/news)',
).refine((prefix) => prefix.split('/').length <= 32, 'has more than the 31 slashes that Cloudflare takes in a prefix')

const Credentials = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('token'), parameter: ParameterName }),
  // The global key opens every zone of the account. It is here for those who cannot make a token yet.
  z.strictObject({ kind: z.literal('global-key'), parameter: ParameterName, email: z.email() }),
])

/** The free plan takes 5 requests a minute after the first 25, so these end well within an execution's time. */
const maxRequests = 200
/** An execution carries at most 262,144 bytes, and there is more in it than the edge. */
const maxPurgeText = 100_000

/** Other keys of an edge can be wrong without hiding what is wrong with these. */
const LooseEdge = z.looseObject({
  plan: z.string().default('free'),
  batchSize: z.int().min(1).default(100),
  purge: z.looseObject({ what: z.string() }),
})

export const Edge = z
  .strictObject({
    zoneId: matching(/^[0-9a-f]{32}$/, 'a Cloudflare zone id (32 hexadecimal digits)'),
    purge: z.discriminatedUnion('what', [
      z.strictObject({ what: z.literal('everything') }),
      z.strictObject({ what: z.literal('hosts'), hosts: z.array(Hostname).min(1) }),
      z.strictObject({ what: z.literal('prefixes'), prefixes: z.array(Prefix).min(1) }),
      z.strictObject({ what: z.literal('files'), files: z.array(Url).min(1) }),
    ]),
    credentials: Credentials,
    /** The account's plan: it sets the rate limits that we stay under. */
    plan: z.enum(plans).default('free'),
    /** Items in one purge request. Cloudflare takes 100, and 500 files on the enterprise plan. */
    batchSize: z.int().min(1).max(maxEnterpriseUrls).default(100),
  })
  .superRefine((edge, context) => {
    const parsed = LooseEdge.safeParse(edge)
    if (!parsed.success) return
    const { batchSize, plan, purge } = parsed.data
    if (batchSize <= maxEnterpriseUrls && batchSize > maxItemsPerRequest(plan, purge.what)) {
      context.addIssue({
        code: 'custom',
        path: ['batchSize'],
        message: 'Cloudflare takes at most 100 items a request (500 for files on the enterprise plan)',
      })
    }
    const requests = Math.ceil(Object.values(purge).flatMap((value): unknown[] => (Array.isArray(value) ? value : [])).length / batchSize)
    if (requests > maxRequests) {
      context.addIssue({
        code: 'custom',
        path: ['purge'],
        message: `takes ${requests} requests, more than the ${maxRequests} of one purge: raise batchSize or purge more at once`,
      })
    }
    if (JSON.stringify(purge).length > maxPurgeText) {
      context.addIssue({
        code: 'custom',
        path: ['purge'],
        message: `is longer than the ${maxPurgeText} characters that an execution can carry: purge hosts or prefixes`,
      })
    }
  }, evenBesideOtherErrors)
export type Edge = z.infer<typeof Edge>
