// The AWS JSON protocol: how a request names its action and its region, and how results and errors look on the wire.

import { randomUUID } from 'node:crypto'
import type * as z from 'zod'
import type { HttpReply, HttpRequest } from '../../server/http.ts'
import { own } from './own.ts'

/** An error as AWS answers it. `code` is the name that an SDK gives to the error. */
export class AwsError extends Error {
  readonly code: string
  readonly status: number

  constructor(code: string, message: string, status = 400) {
    super(message)
    this.code = code
    this.status = status
  }
}

/** One API action: takes the parsed body and the region that the caller signed for. */
type Action = (input: unknown, region: string) => unknown
export type Actions = Readonly<Record<string, Action>>

/** Checks the input before the action sees it. Unknown members are dropped, as AWS does. */
export const action =
  <S extends z.ZodType>(schema: S, run: (input: z.output<S>, region: string) => unknown): Action =>
  (input, region) => {
    const parsed = schema.safeParse(input)
    if (parsed.success) return run(parsed.data, region)
    const details = parsed.error.issues.map((issue) => `Value at '${issue.path.join('.')}' failed to satisfy constraint: ${issue.message}`)
    throw new AwsError(
      'ValidationException',
      `${details.length} validation error${details.length === 1 ? '' : 's'} detected: ${details.join('; ')}`,
    )
  }

/** The protocol carries timestamps as epoch seconds. */
export const seconds = (epochMs: number): number => epochMs / 1000

interface Target {
  readonly service: string
  readonly action: string
}

const targetOf = (request: HttpRequest): Target => {
  const header = request.headers['x-amz-target']
  const [service, name] = typeof header === 'string' ? header.split('.') : []
  if (request.method !== 'POST' || service === undefined || name === undefined) {
    throw new AwsError(
      'UnknownOperationException',
      'This endpoint answers POST requests with an X-Amz-Target header: point an AWS SDK or the aws command line at it',
    )
  }
  return { service, action: name }
}

// Not a check of the signature: anybody who reaches the loopback port may call. But an unsigned request is a client's bug that AWS would refuse.
const regionOf = (request: HttpRequest): string => {
  const { authorization } = request.headers
  if (authorization === undefined) throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token')
  const region = /^AWS4-HMAC-SHA256 .*\bCredential=[^/,\s]+\/\d{8}\/([a-z0-9-]+)\/[a-z0-9-]+\/aws4_request\b/.exec(authorization)?.[1]
  if (region === undefined) throw new AwsError('IncompleteSignatureException', 'Authorization header holds no SigV4 credential scope')
  return region
}

const inputOf = (request: HttpRequest): unknown => {
  try {
    return JSON.parse(request.body.toString('utf8') || '{}')
  } catch {
    throw new AwsError('SerializationException', 'The body is not valid JSON')
  }
}

const reply = (request: HttpRequest, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpReply => ({
  status,
  headers: {
    'content-type': request.headers['content-type'] ?? 'application/x-amz-json-1.1',
    'x-amzn-requestid': randomUUID(),
    ...headers,
  },
  body: JSON.stringify(body),
})

const xml = (status: number, body: string): HttpReply => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<?xml version="1.0"?>\n${body}`,
})

const callerIdentity =
  '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>' +
  '<Arn>arn:aws:iam::000000000000:user/local</Arn><UserId>AIDALOCAL</UserId><Account>000000000000</Account>' +
  '</GetCallerIdentityResult></GetCallerIdentityResponse>'

/**
 * What is not JSON 1.0 or 1.1 with an X-Amz-Target: STS speaks the query protocol, S3 speaks REST with XML. Of both there is only
 * GetCallerIdentity; the rest is refused in a form that the `aws` command line can read.
 */
const answerOtherProtocols = ({ headers, body }: HttpRequest): HttpReply => {
  if (!String(headers['content-type']).startsWith('application/x-www-form-urlencoded'))
    return xml(
      501,
      '<Error><Code>NotImplemented</Code><Message>The local AWS endpoint has no S3 API: change files in the bucket directory that npm run local prints</Message></Error>',
    )
  const { Action: name = '' } = Object.fromEntries(new URLSearchParams(body.toString('utf8')))
  if (name === 'GetCallerIdentity') return xml(200, callerIdentity)
  return xml(
    400,
    `<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>The local AWS endpoint does not know ${name.replace(/\W/g, '')}</Message></Error></ErrorResponse>`,
  )
}

/**
 * @param services actions by the prefix of X-Amz-Target
 * @param refuse called before each action; throws AwsError to make it fail
 */
export const answerWith =
  (services: Readonly<Record<string, Actions>>, refuse: (action: string, region: string) => void) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    if (request.headers['x-amz-target'] === undefined && request.headers.authorization?.startsWith('AWS4-') === true)
      return answerOtherProtocols(request)
    try {
      const target = targetOf(request)
      const region = regionOf(request)
      const run = own(own(services, target.service), target.action)
      if (!run) throw new AwsError('UnknownOperationException', `The local AWS endpoint does not know ${target.service}.${target.action}`)
      refuse(target.action, region)
      return reply(request, 200, (await run(inputOf(request), region)) ?? {})
    } catch (error) {
      const known =
        error instanceof AwsError
          ? error
          : new AwsError('InternalServerError', error instanceof Error ? (error.stack ?? error.message) : String(error), 500)
      return reply(request, known.status, { __type: known.code, message: known.message }, { 'x-amzn-errortype': known.code })
    }
  }
