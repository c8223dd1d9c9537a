// Emulates PHP-FPM: answers what nginx asks for over FastCGI.

import { once } from 'node:events'
import type { Socket } from 'node:net'
import fastcgi from 'node-fastcgi'
import type { HttpServer } from '../server/http.ts'

/** `host` and `path` are what nginx was told to hand over as HTTP_HOST and REQUEST_URI. */
export type Respond = (host: string, path: string) => Promise<string>

/** `url` is `tcp://127.0.0.1:<port>`. */
export const startFastCgi = async (respond: Respond): Promise<HttpServer> => {
  const sockets = new Set<Socket>()
  const server = fastcgi.createServer((request, response) => {
    // PHP-FPM sends no Date: nginx adds its own, and a cached one would be older than the purge.
    response.sendDate = false
    respond(request.headers.host ?? '', request.url ?? '/').then(
      (body) => response.setHeader('content-type', 'text/html').end(body),
      () => response.destroy(),
    )
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    url: `tcp://127.0.0.1:${address.port}`,
    close: async () => {
      if (!server.listening) return
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}
