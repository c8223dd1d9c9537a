// A visitor of a site behind the local Cloudflare: whatever the name in the URL, the connection goes to the local port.

import { request } from 'node:http'

export interface Visit {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export const visit = (edgeUrl: string, text: string): Promise<Visit> =>
  new Promise((resolve, reject) => {
    const url = new URL(text)
    const { hostname, port } = new URL(edgeUrl)
    request({ host: hostname, port, path: `${url.pathname}${url.search}`, agent: false, headers: { host: url.host } }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      response.on('end', () => { resolve({ status: response.statusCode ?? 0, body, headers: response.headers }) })
    })
      .on('error', reject)
      .end()
  })
