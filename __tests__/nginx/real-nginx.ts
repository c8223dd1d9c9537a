// A real nginx with a FastCGI cache and a FastCGI backend, on free loopback ports and in a folder of its own. Always stopped.

import { execFile, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { startFastCgi } from '../../local/instance/fastcgi.ts'
import { findProgram, freePort } from '../../local/instance/nginx-origin.ts'
import { ProbeResult } from '../../statemachines/data/outcome.ts'
import { renderScript } from '../../ssm/render.ts'

const run = promisify(execFile)
export interface Backend {
  /** What PHP makes from now on; a request that has begun keeps what it read. */
  text: string
  /** How long PHP takes. */
  delayMs: number
}

export interface NginxOptions {
  /** Lines in http { }. */
  readonly http?: string
  /** What stands behind the port; the rest of it is a line in server { }. */
  readonly listen?: string
  /** Lines in location { }. */
  readonly location?: string
  readonly cachePathOptions?: string
  /** The zone that the site uses; `other` is one that nobody tells the purge about. */
  readonly zone?: 'pages' | 'other'
  /** Lines outside http { }. */
  readonly main?: string
  /** Makes the program that is started from nginx's own. */
  readonly program?: (binary: string, root: string) => string
  /** A shell's line before it is started, in a mount namespace of its own. */
  readonly mount?: (root: string) => string
}

export const startNginx = async ({
  http = '',
  listen = '',
  location = '',
  cachePathOptions = '',
  zone = 'pages',
  main = '',
  program,
  mount,
}: NginxOptions = {}) => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'purgeflow-nginx-')))
  onTestFinished(() => {
    rmSync(root, { recursive: true, force: true, maxRetries: 5 })
  })
  for (const folder of ['logs', 'tmp', 'bin', 'cache/pages', 'cache/other', 'run']) mkdirSync(join(root, folder), { recursive: true })
  const backend: Backend = { text: 'the old copy', delayMs: 0 }
  const php = await startFastCgi(async () => {
    const { text, delayMs } = backend
    await sleep(delayMs)
    return text
  })
  onTestFinished(() => php.close())
  const port = await freePort()
  const pidFile = join(root, 'run/nginx.pid')
  const conf = join(root, 'nginx.conf')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${root}/tmp/${name};`).join(' ')
  writeFileSync(
    conf,
    `${process.getuid?.() === 0 ? 'user root root;' : ''} daemon off; worker_processes 2; pid ${pidFile}; error_log ${root}/logs/error.log notice; ${main}
events { worker_connections 256; }
http {
  access_log off; ${temporary}
  ${http}
  fastcgi_cache_path ${root}/cache/pages levels=1:2 keys_zone=pages:1m inactive=1h ${cachePathOptions};
  fastcgi_cache_path ${root}/cache/other levels=1:2 keys_zone=other:1m inactive=1h;
  server {
    listen 127.0.0.1:${port} ${listen};
    location / {
      fastcgi_pass ${new URL(php.url).host};
      fastcgi_cache ${zone}; fastcgi_cache_key "$scheme$request_method$host$request_uri"; fastcgi_cache_valid 200 1h;
      fastcgi_param REQUEST_METHOD $request_method; fastcgi_param REQUEST_URI $request_uri;
      add_header X-FastCGI-Cache $upstream_cache_status always;
      ${location}
    }
  }
}
`,
  )
  const found = await findProgram('nginx')
  const binary = program?.(found, root) ?? found
  // Another one on the PATH, which nobody may ask.
  writeFileSync(join(root, 'bin/nginx'), `#!/bin/sh\n: >${root}/asked-the-wrong-one\nexit 1\n`)
  chmodSync(join(root, 'bin/nginx'), 0o755)
  symlinkSync(await findProgram('curl'), join(root, 'bin/curl'))
  const child = mount
    ? spawn('unshare', ['--mount', 'sh', '-c', `${mount(root)} && exec "$0" "$@"`, binary, '-p', root, '-c', conf], { stdio: 'ignore' })
    : spawn(binary, ['-p', root, '-c', conf], { stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await ended
  })
  for (let tries = 0; !(existsSync(pidFile) && readFileSync(pidFile, 'utf8').includes('\n')) && tries < 100; tries += 1) await sleep(50)

  const get = async (path = '/'): Promise<{ cache: string; body: string }> => {
    const { stdout } = await run('curl', ['-sS', '-i', '-H', 'Host: www.example.com', `http://127.0.0.1:${port}${path}`])
    return { cache: /^X-FastCGI-Cache: (\S+)/im.exec(stdout)?.[1] ?? '', body: stdout.split('\r\n\r\n').slice(1).join('') }
  }
  const script = async (id: string, parameters: Record<string, string>): Promise<Record<string, unknown>> => {
    const file = join(root, `${id}.sh`)
    writeFileSync(file, renderScript(id), { mode: 0o755 })
    const environment = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`SSM_${name}`, value]))
    const { stdout } = await run('/bin/sh', ['-c', file], {
      cwd: root,
      env: { PATH: `${root}/bin:${process.env['PATH'] ?? ''}`, TMPDIR: `${root}/tmp`, HOME: root, ...environment },
    })
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>
  }
  return {
    root,
    conf,
    port,
    pidFile,
    backend,
    get,
    pages: join(root, 'cache/pages'),
    other: join(root, 'cache/other'),
    inspect: (cachePath = join(root, 'cache/pages')) =>
      script('inspect-nginx', { CachePath: cachePath, NginxPidFile: pidFile, TrustDirectory: 'no', Module: 'fastcgi' }),
    purge: (cachePath = join(root, 'cache/pages')) =>
      script('purge-fastcgi', { CachePath: cachePath, NginxPidFile: pidFile, TrustDirectory: 'no' }),
    probe: async (
      paths = ['/'],
      cachePath = join(root, 'cache/pages'),
      origin: { readonly scheme?: string; readonly proxyProtocol?: string; readonly certificate?: string } = {},
    ) => {
      const result = ProbeResult.parse(
        await script('probe-origin', {
          Urls: paths.map((path) => `https://www.example.com${path}`).join(' '),
          Scheme: origin.scheme ?? 'http',
          Host: '127.0.0.1',
          Port: String(port),
          ProxyProtocol: origin.proxyProtocol ?? 'no',
          ClientCertificate: origin.certificate ?? '-',
          CacheHeader: 'X-FastCGI-Cache',
          CachePaths: cachePath,
          NginxPidFiles: pidFile,
          FindFiles: 'yes',
        }),
      )
      // As probe-edge reads it: the first of CachePaths.
      return {
        ...result,
        probes: result.probes.map((observation) => (observation.zone === '#1' ? { ...observation, zone: cachePath } : observation)),
      }
    },
  }
}

export type Nginx = Awaited<ReturnType<typeof startNginx>>
