// Emulates nginx with a FastCGI cache in front of PHP on one sandbox instance: serves a page from the very files that the purge script
// deletes, and writes it there when it has to be made anew. What it does not emulate stands in docs/local-parity.md.

import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cachePathsOf } from '../../config/probes.ts'
import type { Target } from '../../config/schema.ts'
import type { Instance } from './instance.ts'
import { serve, type HttpReply, type HttpRequest, type HttpServer } from '../server/http.ts'

export interface OriginSite {
  readonly host: string
  /** The directory of the FastCGI cache, as the instance knows it. */
  readonly cachePath: string
}

/** The page as PHP makes it now. */
export type MakePage = (host: string, path: string) => Promise<string>

/** The script's curl finds the port here. */
const portFile = 'etc/purgeflow-local-origin'

const headerEnd = '\r\n\r\n'

const answerFrom =
  (root: string, sites: readonly OriginSite[], makePage: MakePage) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    const site = sites.find(({ host }) => host === request.headers.host)
    if (!site) return { status: 404, headers: { 'content-type': 'text/plain' }, body: 'no such site' }
    const path = `${request.url.pathname}${request.url.search}`
    const key = `httpsGET${site.host}${path}`
    const digest = createHash('md5').update(key).digest('hex')
    const file = join(root, site.cachePath, digest.slice(-1), digest.slice(-3, -1), digest)
    const reply = (status: string, body: string): HttpReply => ({
      status: 200,
      headers: { 'content-type': 'text/html; charset=utf-8', 'x-fastcgi-cache': status },
      body,
    })
    const kept = await readFile(file, 'utf8').catch(() => undefined)
    if (kept !== undefined) return reply('HIT', kept.slice(kept.indexOf(headerEnd) + headerEnd.length))
    const body = await makePage(site.host, path)
    // As nginx does it: complete under another name, then renamed.
    const temporary = join(root, 'tmp', randomUUID())
    await mkdir(dirname(file), { recursive: true })
    await mkdir(dirname(temporary), { recursive: true })
    await writeFile(temporary, `\nKEY: ${key}\nHTTP/1.1 200 OK${headerEnd}${body}`)
    await rename(temporary, file)
    return reply('MISS', body)
  }

/** Starts what serves the sites of one instance, past the edge. */
export type StartOrigin = (
  instance: Pick<Instance, 'instanceId' | 'root'>,
  sites: readonly OriginSite[],
  makePage: MakePage,
) => Promise<Pick<HttpServer, 'url' | 'close'>>

export const startOrigin: StartOrigin = async ({ root }, sites, makePage) => {
  const server = await serve(0, answerFrom(root, sites, makePage))
  await mkdir(join(root, dirname(portFile)), { recursive: true })
  await writeFile(join(root, portFile), new URL(server.url).port)
  return server
}

/** The hosts of a target that anybody can name: those of its probes and of its edge purge. */
export const hostsOf = ({ probes, edge }: Pick<Target, 'probes' | 'edge'>): string[] => [
  ...new Set([...(probes?.urls ?? []).map((url) => new URL(url).host), ...(edge?.purge.what === 'hosts' ? edge.purge.hosts : [])]),
]

export const sitesOf = (target: Target): OriginSite[] => {
  const cachePath = cachePathsOf(target.layers).at(-1)
  return cachePath === undefined ? [] : hostsOf(target).map((host) => ({ host, cachePath }))
}
