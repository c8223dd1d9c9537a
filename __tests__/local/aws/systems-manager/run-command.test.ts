import {
  CancelCommandCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  ListCommandsCommand,
  SendCommandCommand,
  type Command,
  type SendCommandCommandInput,
} from '@aws-sdk/client-ssm'
import { afterEach, describe, expect, test } from 'vitest'
import { startAws, type Aws, type AwsOptions } from '../../../../local/aws/start-aws.ts'
import type { Instance } from '../../../../local/instance/instance.ts'
import { eventually, instanceIds, makeDocument, makeInstance, region, scriptEnd, ssmClient } from '../fixtures.ts'

let aws: Aws
afterEach(() => aws.close())

const start = async (instances: readonly Instance[] = [makeInstance()], options: AwsOptions = {}) => {
  aws = await startAws({ instances, documents: { [region]: { Doc: makeDocument() } }, run: () => Promise.resolve(scriptEnd()), ...options })
  return ssmClient(aws)
}
const send = async (input: Partial<SendCommandCommandInput> = {}): Promise<Command> => {
  const sent = await ssmClient(aws).send(
    new SendCommandCommand({ DocumentName: 'Doc', Targets: [{ Key: 'InstanceIds', Values: ['i-00000000000000000'] }], ...input }),
  )
  return sent.Command!
}
const inspect = async (id: string | undefined): Promise<Command | undefined> =>
  (await ssmClient(aws).send(new ListCommandsCommand({ CommandId: id }))).Commands?.[0]
const final = (id: string | undefined): Promise<Command> =>
  eventually(async () => {
    const command = await inspect(id)
    return command && !['Pending', 'InProgress', 'Cancelling'].includes(command.Status ?? '') ? command : undefined
  })
const invocations = async (id: string | undefined) =>
  (await ssmClient(aws).send(new ListCommandInvocationsCommand({ CommandId: id, Details: true }))).CommandInvocations ?? []
const everyone = { Targets: [{ Key: 'tag:Role', Values: ['web'] }] }
const fleet = (...states: Instance['state'][]): Instance[] =>
  states.map((state, index) => makeInstance({ instanceId: instanceIds(states.length)[index]!, tags: { Role: 'web' }, state }))

describe('Send Command', () => {
  test('runs the document on every instance that the target names', async () => {
    const ran: string[] = []
    await start(fleet('online', 'online'), {
      run: ({ instance, parameters }) =>
        Promise.resolve(scriptEnd({ stdout: `${ran.push(instance.instanceId)} ${parameters['Word'] ?? ''}` })),
    })
    const sent = await send({ ...everyone, Parameters: { Word: ['clean'] }, Comment: 'hello' })
    expect(sent).toMatchObject({
      Status: 'Pending',
      Comment: 'hello',
      TargetCount: 2,
      RequestedDateTime: expect.any(Date) as Date,
      Parameters: { Word: ['clean'] },
    })
    expect(await final(sent.CommandId)).toMatchObject({ Status: 'Success', StatusDetails: 'Success', CompletedCount: 2, ErrorCount: 0 })
    expect(ran.sort()).toEqual(instanceIds(2))
  })

  test.each([
    ['a document that does not exist', { DocumentName: 'Nope' }, 'InvalidDocument'],
    ['a parameter that the document lacks', { Parameters: { Nope: ['x'] } }, 'InvalidParameters'],
    ['a value that the allowed pattern refuses', { Parameters: { Word: ['UPPER'] } }, 'InvalidParameters'],
    ['a value that is too long', { Parameters: { Word: ['abcdef'] } }, 'InvalidParameters'],
    ['two values for one string', { Parameters: { Word: ['a', 'b'] } }, 'InvalidParameters'],
    ['an instance id that is not there', { Targets: undefined, InstanceIds: ['i-ffffffffffffffff0'] }, 'InvalidInstanceId'],
    ['no target at all', { Targets: undefined }, 'ValidationException'],
    ['ids and targets together', { InstanceIds: ['i-00000000000000000'] }, 'ValidationException'],
    ['six targets', { Targets: Array.from({ length: 6 }, () => ({ Key: 'tag:a', Values: ['b'] })) }, 'ValidationException'],
    ['51 values', { Targets: [{ Key: 'tag:a', Values: instanceIds(51) }] }, 'ValidationException'],
    ['51 instances', { Targets: undefined, InstanceIds: instanceIds(51) }, 'ValidationException'],
    ['a comment of 101 characters', { Comment: 'x'.repeat(101) }, 'ValidationException'],
    ['a delivery time-out of 29 s', { TimeoutSeconds: 29 }, 'ValidationException'],
    ['a MaxErrors that is no number', { MaxErrors: 'many' }, 'ValidationException'],
    ['a kind of target that is not built', { Targets: [{ Key: 'resource-groups:Name', Values: ['x'] }] }, 'InvalidTarget'],
  ])('refuses %s', async (_, input, name) => {
    await start()
    await expect(send(input)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } })
    expect((await ssmClient(aws).send(new ListCommandsCommand({}))).Commands).toEqual([])
  })

  test('refuses a required parameter that is missing', async () => {
    const document = makeDocument()
    delete document.parameters['Word']!.default
    await start([makeInstance()], { documents: { [region]: { Doc: document } } })
    await expect(send()).rejects.toMatchObject({ name: 'InvalidParameters', message: expect.stringContaining('Word') as string })
  })

  test('is a Success that reached nobody when no instance has the tag', async () => {
    await start()
    const sent = await send({ Targets: [{ Key: 'tag:Role', Values: ['nobody'] }] })
    expect(await final(sent.CommandId)).toMatchObject({
      Status: 'Success',
      StatusDetails: 'NoInstancesInTag',
      TargetCount: 0,
      CompletedCount: 0,
    })
    expect(await invocations(sent.CommandId)).toEqual([])
  })

  test('does not see instances and documents of another region', async () => {
    await start([makeInstance({ region: 'eu-west-1' })])
    const sent = await send()
    expect(await final(sent.CommandId)).toMatchObject({ StatusDetails: 'Undeliverable' })
    const elsewhere = ssmClient(aws, 'eu-west-1').send(
      new SendCommandCommand({ DocumentName: 'Doc', InstanceIds: ['i-00000000000000000'] }),
    )
    await expect(elsewhere).rejects.toMatchObject({ name: 'InvalidDocument' })
  })
})

describe('the status', () => {
  test.each([
    [['online', 'undeliverable'], 'Success', 'Success', ['Success', 'Undeliverable']],
    [['online', 'access-denied'], 'Success', 'Success', ['Success', 'AccessDenied']],
    [['undeliverable'], 'Failed', 'Undeliverable', ['Undeliverable']],
    [['access-denied'], 'Failed', 'AccessDenied', ['AccessDenied']],
    [['online', 'offline'], 'TimedOut', 'DeliveryTimedOut', ['Success', 'DeliveryTimedOut']],
    [['online', 'hanging'], 'TimedOut', 'ExecutionTimedOut', ['Success', 'ExecutionTimedOut']],
  ] as const)('of %j is %s (%s)', async (states, status, details, each) => {
    await start(fleet(...states))
    aws.faults.deliveryScale = aws.faults.executionScale = 0.001
    const sent = await send({ ...everyone, TimeoutSeconds: 60 })
    expect(await final(sent.CommandId)).toMatchObject({ Status: status, StatusDetails: details })
    expect((await invocations(sent.CommandId)).map(({ StatusDetails }) => StatusDetails)).toEqual(each)
  })

  test.each([
    [0, 'Success', 'Success'],
    [1, 'Failed', 'Failed'],
    [168, 'Success', 'Success'],
    [169, 'Failed', 'Failed'],
    [137, 'TimedOut', 'ExecutionTimedOut'],
  ])('after exit code %i is %s', async (exitCode, status, details) => {
    await start([makeInstance()], { run: () => Promise.resolve(scriptEnd({ exitCode, stderr: 'why\n' })) })
    const sent = await send()
    expect(await final(sent.CommandId)).toMatchObject({ Status: status, StatusDetails: details })
    const [invocation] = await invocations(sent.CommandId)
    expect(invocation).toMatchObject({
      Status: status,
      CommandPlugins: [
        { ResponseCode: exitCode, ResponseStartDateTime: expect.any(Date) as Date, ResponseFinishDateTime: expect.any(Date) as Date },
      ],
    })
  })

  test('is Incomplete when fewer instances failed than MaxErrors allows', async () => {
    await start(fleet('online', 'online'), {
      run: ({ instance }) => Promise.resolve(scriptEnd({ exitCode: instance.instanceId.endsWith('0') ? 1 : 0 })),
    })
    const sent = await send({ ...everyone, MaxErrors: '1' })
    expect(await final(sent.CommandId)).toMatchObject({ Status: 'Failed', StatusDetails: 'Incomplete', ErrorCount: 1 })
  })

  test('of the instances after the first error is Terminated when MaxConcurrency is 1', async () => {
    await start(fleet('online', 'online'), { run: () => Promise.resolve(scriptEnd({ exitCode: 1 })) })
    const sent = await send({ ...everyone, MaxConcurrency: '1' })
    expect(await final(sent.CommandId)).toMatchObject({ Status: 'Failed' })
    expect((await invocations(sent.CommandId)).map(({ StatusDetails }) => StatusDetails)).toEqual(['Failed', 'Terminated'])
  })

  test('is not to be found in the first requests when the endpoint is told so', async () => {
    await start()
    aws.faults.emptyLists = 2
    const { CommandId } = await send()
    expect([await inspect(CommandId), await inspect(CommandId)]).toEqual([undefined, undefined])
    expect(await inspect(CommandId)).toBeDefined()
  })
})

test('a cancel stops what runs and leaves what has ended', async () => {
  const ssm = await start(fleet('online', 'hanging'))
  const { CommandId } = await send(everyone)
  await eventually(async () => ((await inspect(CommandId))?.CompletedCount === 1 ? true : undefined))
  expect(await inspect(CommandId)).toMatchObject({ Status: 'InProgress' })
  await ssm.send(new CancelCommandCommand({ CommandId }))
  expect(await final(CommandId)).toMatchObject({ Status: 'Cancelled', StatusDetails: 'Cancelled' })
  expect((await invocations(CommandId)).map(({ Status }) => Status)).toEqual(['Success', 'Cancelled'])
})

test('a cancel of an unknown command says so', async () => {
  const ssm = await start()
  await expect(ssm.send(new CancelCommandCommand({ CommandId: '00000000-0000-0000-0000-000000000000' }))).rejects.toMatchObject({
    name: 'InvalidCommandId',
  })
})

test('51 invocations come in pages of at most 50, each once', async () => {
  const ids = instanceIds(51)
  const ssm = await start(ids.map((instanceId) => makeInstance({ instanceId, tags: { Role: 'web' } })))
  const { CommandId } = await send(everyone)
  await final(CommandId)
  const first = await ssm.send(new ListCommandInvocationsCommand({ CommandId, MaxResults: 50 }))
  expect(first.CommandInvocations).toHaveLength(50)
  const second = await ssm.send(new ListCommandInvocationsCommand({ CommandId, MaxResults: 50, NextToken: first.NextToken }))
  expect(second.NextToken).toBeUndefined()
  expect([...first.CommandInvocations!, ...second.CommandInvocations!].map(({ InstanceId }) => InstanceId)).toEqual(ids)
  expect(first.CommandInvocations![0]!.CommandPlugins).toEqual([])
  await expect(ssm.send(new ListCommandInvocationsCommand({ CommandId, MaxResults: 51 }))).rejects.toMatchObject({
    name: 'ValidationException',
  })
  await expect(ssm.send(new ListCommandInvocationsCommand({ CommandId, NextToken: 'made-up' }))).rejects.toMatchObject({
    name: 'InvalidNextToken',
  })
})

test('a plugin shows 2,500 characters, both streams, the beginning of each; an invocation 24,000 and 8,000', async () => {
  const ssm = await start([makeInstance()], {
    run: () => Promise.resolve(scriptEnd({ exitCode: 1, stdout: 'o'.repeat(30_000), stderr: 'e'.repeat(9000) })),
  })
  const { CommandId } = await send()
  await final(CommandId)
  const output = (await invocations(CommandId))[0]?.CommandPlugins?.[0]?.Output ?? ''
  expect(output.length).toBeLessThanOrEqual(2500)
  expect(output).toMatch(/^o+\n---Output truncated---\n----------ERROR-------\ne+\n---Error truncated----$/)
  const invocation = await ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: 'i-00000000000000000' }))
  expect([invocation.StandardOutputContent?.length, invocation.StandardErrorContent?.length]).toEqual([24_000, 8000])
})

test('a failed script tells its exit status at the end of stderr', async () => {
  await start([makeInstance()], { run: () => Promise.resolve(scriptEnd({ exitCode: 3, stdout: 'out', stderr: 'err\n' })) })
  const { CommandId } = await send()
  await final(CommandId)
  expect((await invocations(CommandId))[0]?.CommandPlugins?.[0]?.Output).toBe(
    'out\n----------ERROR-------\nerr\nfailed to run commands: exit status 3',
  )
})

test('a runner that cannot run the script is the failure of that instance', async () => {
  await start([makeInstance()], { run: () => Promise.reject(new Error('no bash')) })
  const { CommandId } = await send()
  expect(await final(CommandId)).toMatchObject({ Status: 'Failed' })
  expect((await invocations(CommandId))[0]?.CommandPlugins?.[0]?.Output).toContain('no bash')
})

test('an invocation that is not there says so', async () => {
  const ssm = await start()
  const { CommandId } = await send()
  await expect(ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: 'i-11111111111111111' }))).rejects.toMatchObject({
    name: 'InvocationDoesNotExist',
  })
})

test('an instance that is offline shows as ConnectionLost', async () => {
  const ssm = await start(fleet('online', 'offline'))
  const { InstanceInformationList } = await ssm.send(new DescribeInstanceInformationCommand({}))
  expect(InstanceInformationList?.map(({ PingStatus }) => PingStatus)).toEqual(['Online', 'ConnectionLost'])
})
