// Stands between AWS's clients and moto: answers what moto cannot, and lets everything else through.

import { serve, type HttpReply, type HttpRequest, type HttpServer } from '../../local/server/http.ts'

export interface AwsCall {
  readonly request: HttpRequest
  /** As in the signature: lambda, ssm, states. */
  readonly service: string
  readonly region: string
  /** The access key. moto's engine signs with `ak`. */
  readonly accessKey: string
  /** X-Amz-Target without its prefix; empty where the path names the action. */
  readonly action: string
}

/** Undefined where the call is not this one's business. */
export type Intercept = (call: AwsCall, forward: () => Promise<HttpReply>) => Promise<HttpReply> | undefined

const parseCall = (request: HttpRequest): AwsCall => {
  const { authorization = '', 'x-amz-target': target } = request.headers
  const [, accessKey = '', region = '', service = ''] = /Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\//.exec(authorization) ?? []
  return { request, accessKey, region, service, action: typeof target === 'string' ? (target.split('.').at(-1) ?? '') : '' }
}

/** These belong to one hop, or fetch sets them itself. */
const ofTheHop = ['host', 'connection', 'content-length', 'transfer-encoding', 'expect', 'keep-alive']

const forwardTo = async (url: string, { method, url: { pathname, search }, headers, body }: HttpRequest): Promise<HttpReply> => {
  const kept = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined || ofTheHop.includes(name) ? [] : [[name, Array.isArray(value) ? value.join(',') : value]],
  )
  const response = await fetch(`${url}${pathname}${search}`, {
    method,
    headers: kept,
    ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
    redirect: 'manual',
  })
  const reply = Object.fromEntries([...response.headers].filter(([name]) => ![...ofTheHop, 'content-encoding'].includes(name)))
  const text = await response.text()
  // HEAD tells the length of what it leaves out.
  const length = method === 'HEAD' ? { 'content-length': response.headers.get('content-length') ?? '0' } : {}
  // Clients try a 500 again for minutes. moto's HTML means "not implemented", which no second try mends.
  const status = response.status === 500 && text.startsWith('<!doctype html>') ? 400 : response.status
  return { status, headers: { ...reply, ...length }, body: text }
}

export interface ProxyOptions {
  /** Asked at each call: moto starts after the proxy, whose port it has to know. */
  readonly upstream: () => string
  readonly intercepts: readonly Intercept[]
}

export const startProxy = ({ upstream, intercepts }: ProxyOptions): Promise<HttpServer> =>
  serve(0, async (request) => {
    const call = parseCall(request)
    const forward = (): Promise<HttpReply> => forwardTo(upstream(), request)
    for (const intercept of intercepts) {
      const reply = intercept(call, forward)
      if (reply) return reply
    }
    return forward()
  })
