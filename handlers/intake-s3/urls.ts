// The URLs under which the world can request an object, and whether an object counts at all.

import type { BucketSource } from '../../config/bucket.ts'

/** `tar.gz` is an extension of `a.tar.gz`, and so is `gz`. A name without a dot has none, and neither has `.profile`. */
export const hasExtension = (key: string, extensions: readonly string[]): boolean => {
  const name = key.slice(key.lastIndexOf('/') + 1).toLowerCase()
  return extensions.some((extension) => name.length > extension.length + 1 && name.endsWith(`.${extension.toLowerCase()}`))
}

export const isWanted = (key: string, { prefix, include, exclude }: BucketSource): boolean =>
  key.startsWith(prefix) && (include === undefined || hasExtension(key, include)) && !(exclude !== undefined && hasExtension(key, exclude))

/** What would end a path, be taken for something else in it, or be cut off, if it stood in a link as it is. */
const meaningful = /[%?#\\\s]/gu

/**
 * The path as browsers request it: they escape what they must, and leave the rest, like `+` and `&`, as it is.
 * @param path without its first slash
 */
export const browserPath = (path: string): string => {
  const url = new URL('https://host')
  url.pathname = `/${path.replace(meaningful, encodeURIComponent)}`
  return url.pathname
}

/** The same path where a program has written the link and escaped all that it may. Cloudflare caches the two apart. */
export const escapedPath = (path: string): string => `/${path.split('/').map(encodeURIComponent).join('/')}`

/** A browser resolves these before it sends anything, also when they are escaped: no URL leads to such a key. */
const isUnreachable = (path: string): boolean => path.split('/').some((segment) => segment === '.' || segment === '..')

const pathsOf = (key: string, { rewrite, indexDocument }: BucketSource): string[] => {
  const rule = rewrite.find(({ from }) => key.startsWith(from))
  const path = rule ? `${rule.to}${key.slice(rule.from.length)}` : key
  if (isUnreachable(path)) return []
  const name = path.slice(path.lastIndexOf('/') + 1)
  const all = name === indexDocument ? [path, path.slice(0, -name.length)] : [path]
  return [...new Set(all.flatMap((one) => [browserPath(one), escapedPath(one)]))]
}

/** One cached copy, as Cloudflare's purge takes it. */
export type File = string | { readonly url: string; readonly headers: { readonly Origin: string } }

/** Every cached copy that the object may have; none when no URL leads to it. */
export const filesOf = (key: string, source: BucketSource): File[] => {
  const { schemes, origins } = source.variants
  const urls = pathsOf(key, source).flatMap((path) => source.hosts.flatMap((host) => schemes.map((scheme) => `${scheme}://${host}${path}`)))
  return urls.flatMap((url): File[] => [url, ...origins.map((Origin) => ({ url, headers: { Origin } }))])
}
