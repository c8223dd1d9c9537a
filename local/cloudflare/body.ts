// What a purge request may say. The codes are Cloudflare's; for prefixes it publishes none, so those borrow a neighbour's:
// a client must go by the HTTP status and `success`, and only pass the code on.

import * as z from 'zod'
import type { CloudflareError } from './replies.ts'
import { itemsPerRequest, limits, type Plan } from './limits.ts'

const lists = ['files', 'tags', 'hosts', 'prefixes'] as const
type List = (typeof lists)[number]

export interface Purge {
  readonly selector: List | 'purge_everything'
  readonly items: number
}

const Body = z.record(z.string(), z.unknown())
const Items = z.array(z.unknown())

const File = z.union([
  z.url({ protocol: /^https?$/ }),
  z.strictObject({ url: z.url({ protocol: /^https?$/ }), headers: z.record(z.string(), z.string()).optional() }),
])
const hostname = /^(?=.{1,200}$)[a-z0-9*]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/i
const item: Record<List, z.ZodType> = {
  files: File,
  tags: z.string().min(1).max(1024),
  hosts: z.string().regex(hostname),
  // No scheme, no query, no fragment, and at most 31 path separators.
  prefixes: z.string().regex(/^[^\s/?#:]+(\/[^\s/?#]*){0,31}$/),
}

const tooMany: Record<List, number> = { files: 1094, tags: 1101, hosts: 1111, prefixes: 1111 }
const invalid: Record<List, number> = { files: 1084, tags: 1100, hosts: 1115, prefixes: 1015 }

const nothingAsked = { code: 1012, message: 'Request must contain one of "purge_everything", "files", "tags", "hosts" or "prefixes"' }

const checkList = (selector: List, value: unknown, plan: Plan): Purge | CloudflareError => {
  const items = Items.safeParse(value)
  if (!items.success) return { code: 1014, message: '"files", "tags", or "hosts" must be an array' }
  if (items.data.length === 0) return nothingAsked
  const most = selector === 'files' ? limits[plan].urlsPerRequest : itemsPerRequest
  if (items.data.length > most) {
    return { code: tooMany[selector], message: `Exceeded maximum amount of ${most} ${selector} that can be purged on a single request` }
  }
  const wrong = items.data.find((value) => !item[selector].safeParse(value).success)
  if (wrong !== undefined)
    return { code: invalid[selector], message: `Unable to purge '${typeof wrong === 'string' ? wrong : JSON.stringify(wrong)}'.` }
  return { selector, items: items.data.length }
}

/** @returns what is to be purged, or why Cloudflare would answer 400 */
export const checkBody = (body: unknown, plan: Plan): Purge | CloudflareError => {
  const parsed = Body.safeParse(body)
  if (!parsed.success) return nothingAsked
  const [first, second] = lists.filter((selector) => selector in parsed.data)
  const everything = parsed.data['purge_everything']
  if (everything === undefined)
    return first !== undefined && second === undefined ? checkList(first, parsed.data[first], plan) : nothingAsked
  if (everything !== true) return { code: 1013, message: '"purge_everything" must be true' }
  if (first !== undefined)
    return { code: 1092, message: 'Request cannot contain "purge_everything" and any of "files", "tags", or "hosts"' }
  return { selector: 'purge_everything', items: 1 }
}
