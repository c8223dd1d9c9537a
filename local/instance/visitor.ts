// A visitor of a site on this machine: whatever the name in the URL, the connection goes to the local port.

import { request } from 'node:http'

export interface Visit {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** @param address the edge or an origin: `http://127.0.0.1:<port>` */
export const visit = (address: string, text: string, headers: Readonly<Record<string, string>> = {}): Promise<Visit> =>
  new Promise((resolve, reject) => {
    const url = new URL(text)
    const { hostname, port } = new URL(address)
    request(
      { host: hostname, port, path: `${url.pathname}${url.search}`, agent: false, headers: { ...headers, host: url.host } },
      (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body, headers: response.headers })
        })
        response.on('error', reject)
      },
    )
      .on('error', reject)
      .end()
  })
