// A real nginx with a FastCGI cache on a sandbox instance, in the place of the small server of origin.ts. Its configuration, its pid
// file and its caches lie below the instance's root, and the instance's nginx and curl are the real programs.

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { startFastCgi } from './fastcgi.ts'
import type { OriginSite, StartOrigin } from './origin.ts'
import { visit } from './visitor.ts'

const run = promisify(execFile)

/** Not always on a user's PATH. */
export const findProgram = async (name: string): Promise<string> => {
  const found = await run('/bin/sh', ['-c', 'PATH=$PATH:/usr/sbin:/usr/local/sbin command -v "$0"', name]).catch(() => undefined)
  if (!found) throw new Error(`${name} is not on this machine: install it (Debian: apt-get install nginx curl), as .ci/run does`)
  return found.stdout.trim()
}

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}

export interface NginxOptions {
  /** Lines in http { }. */
  readonly http?: string
  /** Options of the cache, behind its directory and its zone. */
  readonly cachePathOptions?: string
  /** Where nginx really keeps the pages, when that is not what the config says. */
  readonly cachePath?: string
  readonly workers?: number
  /** What PHP does between reading what is published and answering. */
  readonly phpWork?: () => Promise<unknown>
}

/** Where Debian's nginx has it, and the config's default. */
const pidFile = '/run/nginx.pid'
const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

interface Listening {
  readonly root: string
  readonly port: number
  readonly php: string
}

const configuration = (
  { root, port, php }: Listening,
  sites: readonly OriginSite[],
  { http = '', cachePathOptions = '', cachePath, workers = 2 }: NginxOptions,
): string => {
  const placed = sites.map(({ host, cachePath: configured }) => ({ host, directory: join(root, cachePath ?? configured) }))
  // A cache that the config knows is there, also where the pages are in another.
  const known = sites.map(({ cachePath: configured }) => join(root, configured))
  const directories = [...new Set([...placed.map(({ directory }) => directory), ...known])]
  return `${process.getuid?.() === 0 ? 'user root root;' : ''}
daemon off; worker_processes ${workers}; pid ${root}${pidFile}; error_log ${root}/var/log/nginx/error.log notice;
events { worker_connections 256; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${root}/var/lib/nginx/${name};`).join(' ')}
  ${http}
${directories.map((directory, index) => `  fastcgi_cache_path ${directory} levels=1:2 keys_zone=zone${index}:1m inactive=1h ${cachePathOptions};`).join('\n')}
${placed
  .map(
    ({ host, directory }) => `  server {
    listen 127.0.0.1:${port};
    server_name ${host};
    location / {
      fastcgi_pass ${php};
      fastcgi_cache zone${directories.indexOf(directory)}; fastcgi_cache_key "$scheme$request_method$host$request_uri"; fastcgi_cache_valid 200 1h;
      fastcgi_param REQUEST_METHOD $request_method; fastcgi_param REQUEST_URI $request_uri; fastcgi_param HTTP_HOST $host;
      add_header X-FastCGI-Cache $upstream_cache_status always;
    }
  }`,
  )
  .join('\n')}
}
`
}

const install = async (root: string, path: string, script: string): Promise<void> => {
  await writeFile(join(root, path), `#!/bin/sh\n${script}\n`)
  await chmod(join(root, path), 0o755)
}

export const nginxOrigin =
  (options: NginxOptions = {}): StartOrigin =>
  async ({ root }, sites, makePage) => {
    const [nginx, curl] = await Promise.all([findProgram('nginx'), findProgram('curl')])
    const php = await startFastCgi(async (host, path) => {
      const page = await makePage(host, path)
      await options.phpWork?.()
      return page
    })
    try {
      const port = await freePort()
      const conf = join(root, 'etc/nginx/nginx.conf')
      const directories = ['run', 'var/log/nginx', 'var/lib/nginx', 'var/cache/nginx']
      for (const directory of directories) await mkdir(join(root, directory), { recursive: true })
      await writeFile(conf, configuration({ root, port, php: new URL(php.url).host }, sites, options))
      // The folder serves as the instance's root, and this port as its port 80. -q counts only where it is the first option.
      await install(root, 'usr/bin/curl', `exec '${curl}' -q --connect-to '::127.0.0.1:${port}' "$@"`)
      const child = spawn(nginx, ['-p', root, '-c', conf], { stdio: 'ignore' })
      const ended = once(child, 'exit')
      const url = `http://127.0.0.1:${port}`
      const close = async (): Promise<void> => {
        child.kill('SIGTERM')
        await ended
        await php.close()
      }
      for (let tries = 0; ; tries += 1) {
        if (
          await visit(url, 'http://nobody/').then(
            () => true,
            () => false,
          )
        )
          return { url, close }
        if (tries < 100 && child.exitCode === null) await sleep(50)
        else {
          await close()
          throw new Error(`nginx did not start: ${await readFile(join(root, 'var/log/nginx/error.log'), 'utf8').catch(() => 'no log')}`)
        }
      }
    } catch (error) {
      await php.close().catch(() => undefined)
      throw error
    }
  }
