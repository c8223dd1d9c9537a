// Goes before the fake Cloudflare: answers one request in fifty with 429 or 500, and keeps count of the others.

import * as z from 'zod'
import { json, serve, type HttpReply, type HttpServer } from '../../local/server/http.ts'

export interface FlakyApi extends HttpServer {
  readonly counts: { accepted: number; refusedByChance: number; limited: number }
  /** When each URL was last purged, in milliseconds of this process. */
  readonly purgedAt: ReadonlyMap<string, number>
}

const FilesBody = z.object({ files: z.array(z.string()) })

const refusal = (status: 429 | 500): HttpReply =>
  json(
    status,
    { success: false, errors: [{ code: status === 429 ? 971 : 7000, message: 'not now' }] },
    status === 429 ? { 'retry-after': '1' } : {},
  )

export const startFlakyApi = async (apiUrl: string, random: () => number): Promise<FlakyApi> => {
  const counts = { accepted: 0, refusedByChance: 0, limited: 0 }
  const purgedAt = new Map<string, number>()
  const server = await serve(0, async (request): Promise<HttpReply> => {
    const chance = random()
    if (chance < 0.02) {
      counts.refusedByChance += 1
      return refusal(chance < 0.01 ? 429 : 500)
    }
    const response = await fetch(`${apiUrl}${request.url.pathname}`, {
      method: request.method,
      headers: { authorization: request.headers.authorization ?? '', 'content-type': 'application/json' },
      body: request.body.toString(),
    })
    if (response.status === 200) {
      counts.accepted += 1
      for (const url of FilesBody.safeParse(JSON.parse(request.body.toString())).data?.files ?? []) purgedAt.set(url, performance.now())
    } else {
      counts.limited += 1
    }
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() }
  })
  return { ...server, counts, purgedAt }
}
