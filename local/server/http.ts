// The one way in which the fakes listen: loopback only, whole bodies of bounded size, clean closing.

import { createServer, type IncomingHttpHeaders } from 'node:http'
import { once } from 'node:events'

export interface HttpRequest {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface HttpReply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface HttpServer {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string
  close(): Promise<void>
}

export const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): HttpReply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
})

/** A reply that never comes, as from a server that hangs; the connection ends when the client or the server gives up. */
export const never = (): Promise<HttpReply> => new Promise<HttpReply>(() => undefined)

const maxBodyBytes = 10 * 1024 * 1024

/** @param port 0 picks a free one */
export const serve = async (port: number, answer: (request: HttpRequest) => Promise<HttpReply>): Promise<HttpServer> => {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    let bytes = 0
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= maxBodyBytes) chunks.push(chunk)
    })
    incoming.on('end', () => {
      const reply = async (): Promise<HttpReply> => {
        if (bytes > maxBodyBytes) return { status: 413 }
        const url = URL.parse(incoming.url ?? '/', 'http://127.0.0.1')
        if (url === null) return { status: 400 }
        return answer({ method: incoming.method ?? 'GET', url, headers: incoming.headers, body: Buffer.concat(chunks) })
      }
      reply().then(
        ({ status, headers = {}, body = '' }) => outgoing.writeHead(status, headers).end(body),
        (error: unknown) =>
          outgoing.writeHead(500, { 'content-type': 'text/plain' }).end(error instanceof Error ? error.stack : String(error)),
      )
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
