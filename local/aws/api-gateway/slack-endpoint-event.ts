// An HTTP request as API Gateway hands it to a Lambda (HTTP API, payload format 2.0).

import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type { HttpRequest } from '../../server/http.ts'

/** Only these arrive as text. A form does not: its body is base64, and a signature must be checked over the decoded bytes. */
const textual = /^(text\/|application\/(json|javascript|xml)\b)/

/** Node has put the names in lower case; cookies travel apart. */
const plainHeaders = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || name === 'cookie' ? [] : [[name, Array.isArray(value) ? value.join(',') : value]],
    ),
  )

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** 12/Mar/2020:19:03:58 +0000 */
const clfTime = (time: Date): string => {
  const two = (value: number): string => String(value).padStart(2, '0')
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(two).join(':')
  return `${two(time.getUTCDate())}/${months[time.getUTCMonth()] ?? ''}/${time.getUTCFullYear()}:${clock} +0000`
}

const queryOf = (parameters: URLSearchParams): Record<string, string> =>
  Object.fromEntries([...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(',')]))

/** @param now epoch milliseconds */
export const toEvent = ({ method, url, headers, body }: HttpRequest, routeKey: string, now: number): APIGatewayProxyEventV2 => {
  const isBase64Encoded = body.length > 0 && !textual.test(headers['content-type'] ?? '')
  return {
    version: '2.0',
    routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(headers.cookie === undefined ? {} : { cookies: headers.cookie.split(/; */) }),
    headers: plainHeaders(headers),
    ...(url.search.length > 1 ? { queryStringParameters: queryOf(url.searchParams) } : {}),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: headers.host ?? 'localhost',
      domainPrefix: 'local',
      http: { method, path: url.pathname, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: headers['user-agent'] ?? '' },
      requestId: randomUUID(),
      routeKey,
      stage: '$default',
      time: clfTime(new Date(now)),
      timeEpoch: now,
    },
    ...(body.length > 0 ? { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') } : {}),
    isBase64Encoded,
  }
}
