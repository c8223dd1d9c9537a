// What people try with the `aws` command line against the local run: it answers, or refuses in words.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSystem, type System } from '../../local/system/system.ts'
import { run } from './tools.ts'

let system: System
beforeAll(async () => {
  system = await startSystem({ waitScale: 0.1 })
})
afterAll(() => system.close())

const aws = async (...args: string[]) => {
  const { code, stdout, stderr } = await run('aws', args, {
    env: {
      ...process.env,
      AWS_ENDPOINT_URL: system.aws.url,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_DEFAULT_OUTPUT: 'json',
      AWS_MAX_ATTEMPTS: '1',
    },
  })
  return { code, stderr, answer: stdout === '' ? undefined : (JSON.parse(stdout) as unknown) }
}

const executionArn = async (): Promise<string> => {
  const machine = system.machines.get('us-east-1')!.arn
  const { answer } = await aws('stepfunctions', 'start-execution', '--state-machine-arn', machine, '--input', '{"target":"nobody"}')
  return (answer as { executionArn: string }).executionArn
}

describe('the aws command line against the local run', () => {
  it('learns who it is', async () => {
    expect(await aws('sts', 'get-caller-identity')).toMatchObject({ code: 0, answer: { Account: '000000000000' } })
  })

  it('lists the instances with the version of their agent', async () => {
    const { answer } = await aws('ssm', 'describe-instance-information')
    expect(answer).toMatchObject({ InstanceInformationList: [{ PingStatus: 'Online', AgentVersion: '3.3.2746.0' }, {}] })
    const tagged = await aws('ssm', 'describe-instance-information', '--filters', 'Key=tag:Site,Values=main')
    expect(tagged.answer).toMatchObject({ InstanceInformationList: [{ PlatformType: 'Linux' }] })
  })

  it('describes a document with its parameters', async () => {
    const { answer } = await aws('ssm', 'describe-document', '--name', 'TD-PurgeFastCGI')
    expect(answer).toMatchObject({
      Document: {
        Status: 'Active',
        PlatformTypes: ['Linux'],
        Parameters: expect.arrayContaining([expect.objectContaining({ Name: 'CachePath', Type: 'String' })]) as unknown,
      },
    })
  })

  it('lists the parameters, and replaces one only when told to', async () => {
    const name = '/purgeflow/cloudflare/portal-token'
    const filter = ['--parameter-filters', `Key=Name,Values=${name}`]
    expect((await aws('ssm', 'describe-parameters', ...filter)).answer).toMatchObject({ Parameters: [{ Name: name, Version: 1 }] })
    const put = ['ssm', 'put-parameter', '--name', name, '--type', 'SecureString', '--value', 'wrong']
    expect(await aws(...put)).toMatchObject({ stderr: expect.stringContaining('ParameterAlreadyExists') as unknown })
    expect((await aws(...put, '--overwrite')).answer).toMatchObject({ Version: 2 })
    expect((await aws('ssm', 'get-parameter', '--name', name, '--with-decryption')).answer).toMatchObject({ Parameter: { Value: 'wrong' } })
  })

  it("finds an execution's state machine, and redrives none", async () => {
    const arn = await executionArn()
    expect((await aws('stepfunctions', 'describe-state-machine-for-execution', '--execution-arn', arn)).answer).toMatchObject({
      name: 'purgeflow-purge',
    })
    expect((await aws('stepfunctions', 'redrive-execution', '--execution-arn', arn)).stderr).toMatch(
      /\(ExecutionNotRedrivable\).*begun again by a new one/,
    )
  })

  it.each([
    ['logs', ['logs', 'describe-log-groups'], /does not know Logs_20140328\.DescribeLogGroups/],
    ['sqs', ['sqs', 'list-queues', '--endpoint-url', 'ENDPOINT'], /does not know (AmazonSQS\.)?ListQueues/],
    ['s3', ['s3api', 'list-buckets'], /has no S3 API: change files in the bucket directory/],
    ['iam', ['iam', 'list-roles'], /does not know ListRoles/],
  ])('is refused %s in words', async (_name, args, message) => {
    const { code, stderr } = await aws(...args.map((arg) => (arg === 'ENDPOINT' ? system.aws.url : arg)))
    expect(stderr).toMatch(message)
    expect(code).not.toBe(0)
  })
})
