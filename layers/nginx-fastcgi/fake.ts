import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { html, type LayerFake, pages } from '../fake.ts'
import type * as z from 'zod'
import type { nginxFastCgi } from './layer.ts'

/** nginx names a file by the MD5 of its key, in two levels taken from the digest's end. */
const nginxFile = (page: string, method: string): readonly [string, string] => {
  const key = `https${method}www.example.com/${encodeURI(page)}`
  const digest = createHash('md5').update(key).digest('hex')
  return [join(digest.slice(-1), digest.slice(-3, -1), digest), `KEY: ${key}\nHTTP/1.1 200 OK\r\n\r\n${html(page)}`]
}

export const nginxFastCgiFake: LayerFake<z.infer<typeof nginxFastCgi.schema>> = {
  example: { kind: 'nginx-fastcgi', cachePath: '/var/cache/nginx/portal', nginxPidFile: '/run/nginx.pid', trustCachePath: false },
  files: () => ({}),
  cached: () => pages.flatMap((page) => ['GET', 'HEAD'].map((method) => nginxFile(page, method))),
  users: () => [],
  nginxPidFiles: ({ nginxPidFile }) => [nginxPidFile],
}
