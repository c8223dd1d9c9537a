// The other half of the local Cloudflare: what visitors get. It really stores what the origin answers, serves it from there,
// and drops it when it is purged. One data centre, every page cacheable unless the origin says otherwise, nothing expires.

import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import type { HttpReply, HttpRequest } from '../server/http.ts'
import { visit } from '../instance/visitor.ts'

/** A host that Cloudflare serves, and where its origin is. */
export interface Site {
  readonly host: string
  readonly zoneId: string
  /** `http://127.0.0.1:<port>` */
  readonly originUrl: string
}

interface Entry {
  readonly zoneId: string
  readonly host: string
  /** Path and query. */
  readonly path: string
  readonly reply: HttpReply
  /** Epoch milliseconds. */
  readonly storedAt: number
}

export interface EdgeCache {
  /** Whether a request is a visitor's: its Host is one of the sites. */
  readonly serves: (request: HttpRequest) => boolean
  readonly serve: (request: HttpRequest) => Promise<HttpReply>
  /** Applies the body of an accepted purge request. */
  readonly purge: (zoneId: string, body: unknown) => void
}

const File = z.union([z.string(), z.object({ url: z.string() }).transform(({ url }) => url)])
const PurgeBody = z.object({
  purge_everything: z.boolean().default(false),
  hosts: z.array(z.string()).default([]),
  prefixes: z.array(z.string()).default([]),
  files: z.array(File).default([]),
})

const hostOf = ({ headers }: HttpRequest): string => (headers.host ?? '').toLowerCase()
const pathOf = ({ url }: HttpRequest): string => `${url.pathname}${url.search}`

const fileKey = (file: string): string => {
  const url = new URL(file)
  return `${url.host}${url.pathname}${url.search}`
}

/** What of an origin's answer is kept and handed on. */
const kept = ['content-type', 'cache-control', 'set-cookie', 'x-fastcgi-cache']

const fromOrigin = async ({ originUrl, host }: Site, request: HttpRequest): Promise<HttpReply> => {
  try {
    const { status, headers, body } = await visit(originUrl, `https://${host}${pathOf(request)}`, { 'x-forwarded-proto': 'https' })
    return {
      status,
      headers: Object.fromEntries(kept.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]]))),
      body,
    }
  } catch {
    return { status: 521, headers: { 'content-type': 'text/plain' }, body: 'error code: 521' }
  }
}

const isCacheable = ({ status, headers = {} }: HttpReply): boolean =>
  status === 200 && headers['set-cookie'] === undefined && !/no-store|private|no-cache/.test(headers['cache-control'] ?? '')

export const createEdgeCache = (sites: readonly Site[], now: () => number): EdgeCache => {
  const entries = new Map<string, Entry>()
  const answer = (status: string, reply: HttpReply, age?: number): HttpReply => ({
    ...reply,
    headers: {
      ...reply.headers,
      'cf-cache-status': status,
      'cf-ray': `${randomBytes(8).toString('hex')}-LHR`,
      server: 'cloudflare',
      ...(age === undefined ? {} : { age: String(age) }),
    },
  })
  return {
    serves: (request) => sites.some(({ host }) => host === hostOf(request)),
    serve: async (request) => {
      const site = sites.find(({ host }) => host === hostOf(request))
      if (!site) return { status: 404 }
      const key = `${site.host}${pathOf(request)}`
      const entry = entries.get(key)
      if (entry) return answer('HIT', entry.reply, Math.floor((now() - entry.storedAt) / 1000))
      const reply = await fromOrigin(site, request)
      if (!isCacheable(reply)) return answer('DYNAMIC', reply)
      entries.set(key, { zoneId: site.zoneId, host: site.host, path: pathOf(request), reply, storedAt: now() })
      return answer('MISS', reply)
    },
    purge: (zoneId, body) => {
      const { purge_everything, hosts, prefixes, files } = PurgeBody.parse(body)
      const urls = new Set(files.map(fileKey))
      for (const [key, { host, path, zoneId: own }] of entries) {
        const named =
          purge_everything ||
          hosts.includes(host) ||
          prefixes.some((prefix) => `${host}${path}`.startsWith(prefix)) ||
          urls.has(`${host}${path}`)
        if (own === zoneId && named) entries.delete(key)
      }
    },
  }
}
