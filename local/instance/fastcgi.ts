// Emulates PHP-FPM: as much of FastCGI as a responder behind nginx needs. One request a connection, which is what nginx asks for.

import { once } from 'node:events'
import { createServer } from 'node:net'
import type { HttpServer } from '../server/http.ts'

/** `params` are what nginx was told to hand over (fastcgi_param). */
export type Respond = (params: ReadonlyMap<string, string>) => Promise<string>

const type = { end: 3, params: 4, stdin: 5, stdout: 6 } as const
const headerBytes = 8
/** A length in a record's header has two bytes. */
const maxContent = 65_535

const record = (kind: number, id: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.from([1, kind, id >> 8, id & 255, content.length >> 8, content.length & 255, 0, 0]), content])

/** Names and values, each behind its length: one byte up to 127, else four with the first bit set. */
const readParams = (data: Buffer): Map<string, string> => {
  const params = new Map<string, string>()
  let at = 0
  const length = (): number => {
    const first = data.readUInt8(at)
    at += first < 128 ? 1 : 4
    return first < 128 ? first : data.readUInt32BE(at - 4) & 0x7fffffff
  }
  while (at < data.length) {
    const [name, value] = [length(), length()]
    params.set(data.toString('utf8', at, at + name), data.toString('utf8', at + name, at + name + value))
    at += name + value
  }
  return params
}

const answer = (id: number, body: string): Buffer => {
  const content = Buffer.from(`Content-Type: text/html\r\n\r\n${body}`)
  const parts = Array.from({ length: Math.ceil(content.length / maxContent) }, (_, index) =>
    record(type.stdout, id, content.subarray(index * maxContent, (index + 1) * maxContent)),
  )
  return Buffer.concat([...parts, record(type.stdout, id, Buffer.alloc(0)), record(type.end, id, Buffer.alloc(8))])
}

/** `url` is `tcp://127.0.0.1:<port>`. */
export const startFastCgi = async (respond: Respond): Promise<HttpServer> => {
  const sockets = new Set<{ destroy: () => unknown }>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let data = Buffer.alloc(0)
    let params = Buffer.alloc(0)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      data = Buffer.concat([data, chunk])
      while (data.length >= headerBytes) {
        const [kind, id, length] = [data.readUInt8(1), data.readUInt16BE(2), data.readUInt16BE(4)]
        const end = headerBytes + length + data.readUInt8(6)
        if (data.length < end) return
        const content = data.subarray(headerBytes, headerBytes + length)
        data = data.subarray(end)
        if (kind === type.params) params = Buffer.concat([params, content])
        // An empty STDIN ends the request.
        if (kind === type.stdin && length === 0) {
          respond(readParams(params)).then(
            (body) => socket.end(answer(id, body)),
            () => socket.destroy(),
          )
        }
      }
    })
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
