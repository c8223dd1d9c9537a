import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lazily } from '../../../handlers/shared/lazily.ts'
import { type HttpReply, type HttpServer, json, serve } from '../../../local/server/http.ts'
import { rejectionOf } from '../factories.ts'

let aws: HttpServer
let reply: HttpReply
beforeEach(async () => {
  aws = await serve(0, () => Promise.resolve(reply))
})
afterEach(() => aws.close())

const call = (endpoint: string): Promise<unknown> =>
  lazily<undefined, unknown>(() => {
    const client = new SSMClient({
      region: 'us-east-1',
      endpoint,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    })
    return () => client.send(new GetParametersCommand({ Names: ['/a'] }))
  })(undefined)

describe('an error of an AWS client', () => {
  it.each([
    [400, 'ThrottlingException', 'AwsThrottled'],
    [400, 'TooManyRequestsException', 'AwsThrottled'],
    [429, 'SomethingNew', 'AwsThrottled'],
    [500, 'InternalServerError', 'AwsUnavailable'],
    [503, 'ServiceUnavailable', 'AwsUnavailable'],
    [400, 'AccessDeniedException', 'AccessDeniedException'],
    [400, 'ValidationException', 'ValidationException'],
  ])('with status %i and the name %s leaves the function as %s', async (status, name, expected) => {
    reply = json(status, { __type: name, message: 'the reason' })
    const error = await rejectionOf(call(aws.url))
    expect(error.name).toBe(expected)
    expect(error.message).toContain('the reason')
  })

  it('without an answer leaves the function as AwsUnavailable', async () => {
    expect((await rejectionOf(call('http://127.0.0.1:9'))).name).toBe('AwsUnavailable')
  })
})

describe('any other error', () => {
  it('leaves the function as it is', async () => {
    const error = new TypeError('broken')
    expect(await rejectionOf(lazily(() => () => Promise.reject(error))(undefined))).toBe(error)
  })

  it('of building the services is told again by each call', async () => {
    let built = 0
    const handler = lazily((): (() => Promise<string>) => {
      built += 1
      if (built < 3) throw new Error('not yet')
      return () => Promise.resolve('done')
    })
    expect((await rejectionOf(handler(undefined))).message).toBe('not yet')
    expect((await rejectionOf(handler(undefined))).message).toBe('not yet')
    expect(await handler(undefined)).toBe('done')
  })
})
