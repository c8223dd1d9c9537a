// What shows whether a purge worked: the pages to ask for, and how to reach the site on an instance, past the CDN.

import * as z from 'zod'
import { pathOnInstance } from './fields.ts'
import { commandsToReach } from './instances.ts'
import { type Layer, layerKind } from '../layers/kinds.ts'

/** A normalised URL without what a shell, a log line or Run Command could take for something else. ssm/probe-origin has the same rule. */
const plainUrl = /^https?:\/\/[A-Za-z0-9.-]+(:[0-9]{1,5})?\/[A-Za-z0-9._~:/?@!&()+,;=%-]*$/

const ProbeUrl = z.string().superRefine((value, context) => {
  const url = URL.parse(value)
  const message =
    url === null || !['http:', 'https:'].includes(url.protocol)
      ? 'is not an http or https URL'
      : url.hash !== '' || value.includes('*') || !plainUrl.test(url.href) || url.username !== ''
        ? 'a probe takes no fragment, no wildcard, no password and no odd characters'
        : value.length > 300
          ? 'has more than 300 characters'
          : undefined
  if (message !== undefined) context.addIssue({ code: 'custom', message: `${JSON.stringify(value)}: ${message}` })
})

const cacheStatus = z.string().regex(/^[A-Z][A-Z_]{0,20}$/, 'must be a cache status as the header has it (HIT)')

export const Probes = z.strictObject({
  urls: z.array(ProbeUrl).min(1).max(10),
  /** The response header in which the origin's cache says what it did: a convention (add_header X-FastCGI-Cache $upstream_cache_status). */
  cacheHeader: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'must be the name of a response header (X-FastCGI-Cache)')
    .default('X-FastCGI-Cache'),
  /** Values of that header which mean that the answer came out of the cache. */
  hitStatuses: z.array(cacheStatus).min(1).max(10).default(['HIT', 'STALE', 'UPDATING', 'REVALIDATED']),
  /** Where the site answers on the instance itself. */
  origin: z
    .strictObject({
      host: z
        .string()
        .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'must be an IPv4 address or a host name (127.0.0.1)')
        .default('127.0.0.1'),
      /** 443 with TLS, 80 without. */
      port: z.int().min(1).max(65_535).optional(),
      tls: z.boolean().default(true),
      /** Where it listens with proxy_protocol, as behind a network load balancer. */
      proxyProtocol: z.boolean().default(false),
      /** A file on the instance with a certificate and its key, for an origin that asks for one (ssl_verify_client). */
      clientCertificate: pathOnInstance.optional(),
    })
    .prefault({}),
})
export type Probes = z.infer<typeof Probes>

/** Commands that a purge may send in the worst case: a look before, the layers, a look after, and the last two once more. */
export const mostCommands = ({
  layers,
  probes,
  instances,
}: {
  readonly layers: readonly unknown[]
  readonly probes?: unknown
  readonly instances?: unknown
}): number => commandsToReach(instances) * (probes === undefined || layers.length === 0 ? layers.length : 2 * layers.length + 3)

const pageFilesOf = (layers: readonly Layer[], part: 'directory' | 'nginxPidFile'): string[] =>
  layers.flatMap((layer) => layerKind(layer.kind).purge(layer).parameters[layerKind(layer.kind).pageFiles?.[part] ?? ''] ?? [])

/** Where the nginx that keep the target's caches have their process ids. */
export const nginxPidFilesOf = (layers: readonly Layer[]): string[] => [...new Set(pageFilesOf(layers, 'nginxPidFile'))]

/** Directories in which a probe can find the file of a page. */
export const cachePathsOf = (layers: readonly Layer[]): string[] => pageFilesOf(layers, 'directory')
