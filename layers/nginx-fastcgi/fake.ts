import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { html, type LayerFake, pages } from '../fake.ts'
import type * as z from 'zod'
import { startFakeMaster } from './nginx-master.ts'
import type { nginxFastCgi } from './layer.ts'

/** nginx names a file by the MD5 of its key, in two levels taken from the digest's end. */
const nginxFile = (page: string, method: string): readonly [string, string] => {
  const key = `https${method}www.example.com/${encodeURI(page)}`
  const digest = createHash('md5').update(key).digest('hex')
  return [join(digest.slice(-1), digest.slice(-3, -1), digest), `KEY: ${key}\nHTTP/1.1 200 OK\r\n\r\n${html(page)}`]
}

type NginxFastCgi = z.infer<typeof nginxFastCgi.schema>

const configuration = (layers: readonly NginxFastCgi[]): string => `events {}
http {
${layers.map(({ cachePath, module }, index) => `  ${module}_cache_path ${cachePath} levels=1:2 keys_zone=zone${index}:10m inactive=60m;`).join('\n')}
${[...new Set(layers.map(({ module }) => `  ${module}_cache_key "$scheme$request_method$host$request_uri";`))].join('\n')}
  server {
    listen 443 ssl;
    add_header X-FastCGI-Cache $upstream_cache_status;
  }
}
`

export const nginxFastCgiFake: LayerFake<NginxFastCgi> = {
  example: {
    kind: 'nginx-fastcgi',
    cachePath: '/var/cache/nginx/portal',
    module: 'fastcgi',
    nginxPidFile: '/run/nginx.pid',
    trustCachePath: false,
  },
  programs: [{ source: 'layers/nginx-fastcgi/fake-nginx', installed: 'usr/sbin/nginx' }],
  files: (layers) => ({ '/etc/nginx/nginx.conf': configuration(layers) }),
  start: async (root, layers) => {
    for (const pidFile of new Set(layers.map(({ nginxPidFile }) => nginxPidFile))) await startFakeMaster(root, pidFile)
  },
  cachePath: ({ cachePath }) => cachePath,
  cached: () => pages.flatMap((page) => ['GET', 'HEAD'].map((method) => nginxFile(page, method))),
  users: () => [],
}
