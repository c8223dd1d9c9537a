import { SSMClient, GetPatchBaselineCommand, ListCommandsCommand } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAws, type Aws } from '../../../../local/aws/start-aws.ts'
import { ssmClient } from '../fixtures.ts'

let aws: Aws
beforeAll(async () => {
  aws = await startAws()
})
afterAll(() => aws.close())

const signed = 'AWS4-HMAC-SHA256 Credential=key/20261121/us-east-1/ssm/aws4_request, SignedHeaders=host, Signature=0'
const post = (headers: Record<string, string>, body = '{}') => fetch(aws.url, { method: 'POST', headers, body })

test('refuses a request without a signature, as AWS does', async () => {
  const answer = await post({ 'x-amz-target': 'AmazonSSM.ListCommands' })
  expect(answer.status).toBe(400)
  expect(await answer.json()).toEqual({ __type: 'MissingAuthenticationTokenException', message: 'Missing Authentication Token' })
})

test('refuses an authorization header without a credential scope', async () => {
  const answer = await post({ 'x-amz-target': 'AmazonSSM.ListCommands', authorization: 'Bearer abc' })
  expect(await answer.json()).toMatchObject({ __type: 'IncompleteSignatureException' })
})

test('answers an action it does not know in the shape of an AWS error', async () => {
  await expect(ssmClient(aws).send(new GetPatchBaselineCommand({ BaselineId: 'pb-12345678901234567890' }))).rejects.toMatchObject({
    name: 'UnknownOperationException',
    message: expect.stringContaining('AmazonSSM.GetPatchBaseline') as string,
  })
  expect(await (await fetch(aws.url)).json()).toMatchObject({ __type: 'UnknownOperationException' })
})

test('does not take the members of Object for actions', async () => {
  const answer = await post({ 'x-amz-target': 'AmazonSSM.constructor', authorization: signed })
  expect(await answer.json()).toMatchObject({ __type: 'UnknownOperationException' })
})

test('refuses a body that is not JSON', async () => {
  const answer = await post({ 'x-amz-target': 'AmazonSSM.ListCommands', authorization: signed }, '{')
  expect(await answer.json()).toMatchObject({ __type: 'SerializationException' })
})

test('gives every answer a request id', async () => {
  const { $metadata } = await ssmClient(aws).send(new ListCommandsCommand({}))
  expect($metadata.requestId).toMatch(/^[0-9a-f-]{36}$/)
})

test('throttles as often as it is told to, and the SDK retries', async () => {
  aws.faults.throttle['ListCommands'] = 2
  await expect(ssmClient(aws).send(new ListCommandsCommand({}))).rejects.toMatchObject({ name: 'ThrottlingException' })
  const retrying = new SSMClient({
    region: 'us-east-1',
    endpoint: aws.url,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 3,
  })
  const { $metadata } = await retrying.send(new ListCommandsCommand({}))
  expect($metadata.attempts).toBe(2)
})
