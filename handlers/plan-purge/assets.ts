// The plan of a purge that names its URLs, as intake-s3 asks for it: those of the target's bucket, at the edge, and no layer.

import type { Target } from '../../config/schema.ts'
import { fileBodies, prefixBodies, type PurgeBody, type PurgeFile } from '../../edge/cloudflare/bodies.ts'
import type { Edge } from '../../edge/cloudflare/schema.ts'
import type { PurgeRequest } from '../../statemachines/data/plan.ts'

export const namesAssets = ({ urls, prefixes }: PurgeRequest): boolean => urls !== undefined || prefixes !== undefined

const hostOf = (file: PurgeFile): string | undefined => {
  const url = URL.parse(typeof file === 'string' ? file : file.url)
  return url && ['http:', 'https:'].includes(url.protocol) ? url.host : undefined
}

/** Whoever may start an execution may purge the bucket's hosts, and nobody else's: why `request` reaches further, or undefined. */
export const assetProblem = (request: PurgeRequest, { bucket, edge }: Target): string | undefined => {
  const { source, urls = [], prefixes = [], dryRun } = request
  if (dryRun && (source === 's3' || namesAssets(request))) return 'a dry run looks at a target, and takes no urls and no prefixes'
  if (!namesAssets(request)) return source === 's3' ? 'it names neither urls nor prefixes' : undefined
  if (bucket === undefined || edge === undefined) return 'the target has no bucket'
  if (urls.length + prefixes.length === 0) return 'there is nothing to purge in it'
  const hosts = [...urls.map(hostOf), ...prefixes.map(({ prefix }) => prefix.split('/')[0])]
  return hosts.every((host) => host !== undefined && bucket.hosts.includes(host))
    ? undefined
    : `every URL must be on ${bucket.hosts.join(' or ')}`
}

export const assetBodies = ({ urls = [], prefixes = [] }: PurgeRequest, edge: Edge): PurgeBody[] => [
  ...prefixBodies(
    prefixes.map(({ prefix }) => prefix),
    edge,
  ),
  ...fileBodies(urls, edge),
]

export const assetNotes = ({ prefixes = [] }: PurgeRequest): string[] =>
  prefixes.map(({ prefix, insteadOf }) => `everything under ${prefix} was purged at once, because ${insteadOf} URLs there had changed`)

/** Somebody is told of it even when it goes well: a purge by hand, or a large one. */
export const notifiesOnSuccess = ({ source, urls = [], prefixes = [] }: PurgeRequest, { bucket }: Target): boolean => {
  const count = prefixes.reduce((sum, { insteadOf }) => sum + insteadOf, urls.length)
  return source !== 's3' || (bucket?.notifyAbove !== undefined && count > bucket.notifyAbove)
}
