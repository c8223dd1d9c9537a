// Fills a sandbox instance's caches with files that look like the real ones: names with spaces and beyond ASCII, some hundred KB.

import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Layer } from '../config/schema.ts'

const pages = ['', 'about', 'news/2026/launch day', 'über-uns', '日本語', 'contact & help', 'shop/50% off', 'feed']

const html = (page: string): string => `<!doctype html><title>${page || 'home'}</title>\n${'<p>The old copy of this page.</p>\n'.repeat(300)}`

/** nginx names a file by the MD5 of its key, in two levels taken from the digest's end. */
const nginxFile = (page: string, method: string): readonly [string, string] => {
  const key = `https${method}www.example.com/${encodeURI(page)}`
  const digest = createHash('md5').update(key).digest('hex')
  return [join(digest.slice(-1), digest.slice(-3, -1), digest), `KEY: ${key}\nHTTP/1.1 200 OK\r\n\r\n${html(page)}`]
}

const w3Files = (page: string): (readonly [string, string])[] => [
  [join('page_enhanced/www.example.com', page, '_index_slash_ssl.html'), html(page)],
  [join('page_enhanced/www.example.com', page, '_index_slash_ssl.html_gzip'), html(page).slice(0, 2000)],
  [join('object', createHash('md5').update(page).digest('hex').slice(0, 3), `${createHash('md5').update(page).digest('hex')}.php`), '<?php exit; ?>'.repeat(100)],
]

const rocketFiles = (page: string): (readonly [string, string])[] => [
  [join('www.example.com', page, 'index-https.html'), html(page)],
  [join('www.example.com', page, 'index-https.html_gzip'), html(page).slice(0, 2000)],
]

/** The directory of a layer's cache, and what is in it: paths below it, and contents. */
const contentOf = (layer: Layer): { readonly directory: string; readonly files: (readonly [string, string])[] } => {
  switch (layer.kind) {
    case 'w3-total-cache':
      return { directory: join(layer.sitePath, 'wp-content/cache'), files: pages.flatMap(w3Files) }
    case 'wp-rocket':
      return { directory: layer.cachePath, files: pages.flatMap(rocketFiles) }
    case 'nginx-fastcgi':
      return { directory: layer.cachePath, files: pages.flatMap((page) => ['GET', 'HEAD'].map((method) => nginxFile(page, method))) }
  }
}

/**
 * As if visitors had just been there.
 * @param root the folder that plays the instance's root directory
 * @returns the cache's directory on this machine
 */
export const fillCache = async (root: string, layer: Layer): Promise<string> => {
  const { directory, files } = contentOf(layer)
  for (const [path, content] of files) {
    const file = join(root, directory, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
  }
  return join(root, directory)
}
