// The requests that purge at Cloudflare: their bodies, how many it takes, and what each is called in a report.

import * as z from 'zod'
import { inBatches } from '../../handlers/shared/batches.ts'
import { maxItemsPerRequest } from './limits.ts'
import type { Edge } from './schema.ts'

/** A URL, or a URL with the request headers that are part of its cache key. */
export const PurgeFile = z.union([z.string(), z.strictObject({ url: z.string(), headers: z.record(z.string(), z.string()) })])
export type PurgeFile = z.infer<typeof PurgeFile>

/** One body of POST /zones/{zone_id}/purge_cache. Cloudflare takes one selector a request. */
export const PurgeBody = z.union([
  z.strictObject({ purge_everything: z.literal(true) }),
  z.strictObject({ hosts: z.array(z.string()).min(1) }),
  z.strictObject({ prefixes: z.array(z.string()).min(1) }),
  z.strictObject({ files: z.array(PurgeFile).min(1) }),
])
export type PurgeBody = z.infer<typeof PurgeBody>

type Batches = Pick<Edge, 'batchSize' | 'plan'>

const batchSizeOf = ({ batchSize, plan }: Batches, what: Edge['purge']['what']): number =>
  Math.min(batchSize, maxItemsPerRequest(plan, what))

export const prefixBodies = (prefixes: readonly string[], edge: Batches): PurgeBody[] =>
  inBatches(prefixes, batchSizeOf(edge, 'prefixes')).map((batch) => ({ prefixes: batch }))

export const fileBodies = (files: readonly PurgeFile[], edge: Batches): PurgeBody[] =>
  inBatches(files, batchSizeOf(edge, 'files')).map((batch) => ({ files: batch }))

/** What a purge of the whole target asks for, in order. */
export const bodiesOf = (edge: Edge): PurgeBody[] => {
  const { purge } = edge
  switch (purge.what) {
    case 'everything':
      return [{ purge_everything: true }]
    case 'hosts':
      return inBatches(purge.hosts, batchSizeOf(edge, 'hosts')).map((hosts) => ({ hosts }))
    case 'prefixes':
      return prefixBodies(purge.prefixes, edge)
    case 'files':
      return fileBodies(purge.files, edge)
  }
}

/**
 * A purge request that Cloudflare cannot carry out: `files` must be an array (code 1014), and this is no URL either. Who may not
 * purge the zone is refused before anybody reads the body: our assumption, see docs/local-parity.md.
 */
export const checkBody = { files: 'purgeflow asks whether it may purge, and purges nothing' }

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : noun.endsWith('x') ? 'es' : 's'}`

const describeItems = (items: readonly string[], noun: string): string =>
  items.length === 1 ? `${noun} ${items[0] ?? ''}` : plural(items.length, noun)

const describeFile = (file: PurgeFile): string =>
  typeof file === 'string'
    ? file
    : `${file.url} (${Object.entries(file.headers)
        .map(([name, value]) => `${name}: ${value}`)
        .join(', ')})`

export const describeBody = (body: PurgeBody): string => {
  if ('purge_everything' in body) return 'everything'
  if ('hosts' in body) return describeItems(body.hosts, 'host')
  if ('prefixes' in body) return describeItems(body.prefixes, 'prefix')
  return describeItems(body.files.map(describeFile), 'URL')
}
