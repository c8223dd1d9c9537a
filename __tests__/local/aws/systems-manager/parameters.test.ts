import { GetParameterCommand, GetParametersCommand, ListDocumentsCommand, GetDocumentCommand } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAws, type Aws } from '../../../../local/aws/start-aws.ts'
import { makeDocument, region, ssmClient } from '../fixtures.ts'

let aws: Aws
beforeAll(async () => {
  aws = await startAws({
    parameters: { [region]: { '/purgeflow/secret': 'hunter2' } },
    documents: { [region]: Object.fromEntries(['A', 'B', 'C'].map((name) => [name, makeDocument()])) },
  })
})
afterAll(() => aws.close())

test('finds a secret in its region and names the unknown ones', async () => {
  const found = await ssmClient(aws).send(new GetParametersCommand({ Names: ['/purgeflow/secret', '/other'], WithDecryption: true }))
  expect(found.Parameters).toMatchObject([
    { Name: '/purgeflow/secret', Value: 'hunter2', Type: 'SecureString', LastModifiedDate: expect.any(Date) as Date },
  ])
  expect(found.InvalidParameters).toEqual(['/other'])
})

test('finds nothing in another region', async () => {
  const found = await ssmClient(aws, 'eu-west-1').send(new GetParametersCommand({ Names: ['/purgeflow/secret'], WithDecryption: true }))
  expect(found.Parameters).toEqual([])
  expect(found.InvalidParameters).toEqual(['/purgeflow/secret'])
})

test('keeps the secret from a reader who does not ask for decryption', async () => {
  const found = await ssmClient(aws).send(new GetParametersCommand({ Names: ['/purgeflow/secret'] }))
  expect(JSON.stringify(found.Parameters)).not.toContain('hunter2')
})

test('refuses more than ten names, and none', async () => {
  const ask = (Names: string[]) => ssmClient(aws).send(new GetParametersCommand({ Names }))
  await expect(ask(Array.from({ length: 11 }, (_, index) => `/n${index}`))).rejects.toMatchObject({
    name: 'ValidationException',
    $metadata: { httpStatusCode: 400 },
  })
  await expect(ask([])).rejects.toMatchObject({ name: 'ValidationException' })
})

test('GetParameter says ParameterNotFound', async () => {
  await expect(ssmClient(aws).send(new GetParameterCommand({ Name: '/other' }))).rejects.toMatchObject({ name: 'ParameterNotFound' })
})

test('lists documents page by page and returns their content', async () => {
  const ssm = ssmClient(aws)
  const first = await ssm.send(new ListDocumentsCommand({ MaxResults: 2 }))
  const second = await ssm.send(new ListDocumentsCommand({ MaxResults: 2, NextToken: first.NextToken }))
  expect([...(first.DocumentIdentifiers ?? []), ...(second.DocumentIdentifiers ?? [])].map(({ Name }) => Name)).toEqual(['A', 'B', 'C'])
  expect(second.NextToken).toBeUndefined()
  const { Content } = await ssm.send(new GetDocumentCommand({ Name: 'A' }))
  expect(JSON.parse(Content ?? '')).toEqual(makeDocument())
})
