import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  StartExecutionCommand,
  StopExecutionCommand,
  type HistoryEvent,
  type SFNClient,
} from '@aws-sdk/client-sfn'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ExecutionEndedEvent } from '../../../../local/aws/step-functions/execution-event.ts'
import { startAws, type Aws } from '../../../../local/aws/start-aws.ts'
import type { StateMachine } from '../../../../local/aws/step-functions/state-machine.ts'
import { eventually, region, sfnClient } from '../fixtures.ts'

const states = {
  StartAt: 'First',
  States: {
    First: { Type: 'Pass', Next: 'Second' },
    Second: { Type: 'Choice', Choices: [{ Variable: '$.wait', BooleanEquals: true, Next: 'Third' }], Default: 'Last' },
    Third: { Type: 'Wait', Seconds: 60, Next: 'Last' },
    Last: { Type: 'Succeed' },
  },
}

let aws: Aws
let sfn: SFNClient
let machine: StateMachine
let ended: ExecutionEndedEvent[]
beforeEach(async () => {
  ended = []
  aws = await startAws()
  sfn = sfnClient(aws)
  const invoke = () => Promise.reject(new Error('no function here'))
  machine = aws.createStateMachine({
    region,
    name: 'purge',
    definition: JSON.stringify(states),
    invoke,
    onEnded: (event) => ended.push(event),
  })
})
afterEach(() => aws.close())

const start = (input: unknown, name?: string) =>
  sfn.send(
    new StartExecutionCommand({ stateMachineArn: machine.arn, input: JSON.stringify(input), ...(name === undefined ? {} : { name }) }),
  )
const describe = (executionArn: string | undefined) => sfn.send(new DescribeExecutionCommand({ executionArn }))
const finished = (executionArn: string | undefined) =>
  eventually(async () => {
    const execution = await describe(executionArn)
    return execution.status === 'RUNNING' ? undefined : execution
  })

test('lists and describes the state machine of the region only', async () => {
  const { stateMachines } = await sfn.send(new ListStateMachinesCommand({}))
  expect(stateMachines).toMatchObject([
    { stateMachineArn: `arn:aws:states:${region}:000000000000:stateMachine:purge`, name: 'purge', type: 'STANDARD' },
  ])
  const described = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn: machine.arn }))
  expect(JSON.parse(described.definition ?? '')).toEqual(states)
  const elsewhere = sfnClient(aws, 'eu-west-1')
  expect((await elsewhere.send(new ListStateMachinesCommand({}))).stateMachines).toEqual([])
  await expect(elsewhere.send(new StartExecutionCommand({ stateMachineArn: machine.arn }))).rejects.toMatchObject({
    name: 'StateMachineDoesNotExist',
  })
})

test('an execution runs to its end and is described as AWS describes it', async () => {
  const { executionArn, startDate } = await start({ wait: false }, 'one')
  expect(executionArn).toBe(`arn:aws:states:${region}:000000000000:execution:purge:one`)
  expect(await finished(executionArn)).toMatchObject({
    status: 'SUCCEEDED',
    name: 'one',
    input: '{"wait":false}',
    output: '{"wait":false}',
    startDate,
    stopDate: expect.any(Date) as Date,
  })
  expect(ended).toEqual([])
})

test('an execution without a name gets a uuid, and one without input gets {}', async () => {
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn: machine.arn }))
  const execution = await finished(executionArn)
  expect(execution.name).toMatch(/^[0-9a-f-]{36}$/)
  expect(execution.input).toBe('{}')
})

test('the same name and input while it runs is the same execution', async () => {
  const first = await start({ wait: true }, 'twice')
  const second = await start({ wait: true }, 'twice')
  expect([second.executionArn, second.startDate]).toEqual([first.executionArn, first.startDate])
  expect((await sfn.send(new ListExecutionsCommand({ stateMachineArn: machine.arn }))).executions).toHaveLength(1)
})

test('the same name with another input, or after the end, is refused', async () => {
  await start({ wait: true }, 'taken')
  await expect(start({ wait: true, more: 1 }, 'taken')).rejects.toMatchObject({
    name: 'ExecutionAlreadyExists',
    $metadata: { httpStatusCode: 400 },
  })
  const { executionArn } = await start({ wait: false }, 'over')
  await finished(executionArn)
  await expect(start({ wait: false }, 'over')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' })
})

test.each([
  ['a name with a space', { name: 'a b' }, 'InvalidName'],
  ['a name with a colon', { name: 'a:b' }, 'InvalidName'],
  ['a name of 81 characters', { name: 'x'.repeat(81) }, 'ValidationException'],
  ['an empty name', { name: '' }, 'ValidationException'],
  ['an input that is not JSON', { input: '{target: portal}' }, 'InvalidExecutionInput'],
  ['an input of 262,145 bytes', { input: JSON.stringify('x'.repeat(262_143)) }, 'ValidationException'],
  ['an ARN that is none', { stateMachineArn: 'purge' }, 'InvalidArn'],
  [
    'a state machine that is not there',
    { stateMachineArn: `arn:aws:states:${region}:000000000000:stateMachine:other` },
    'StateMachineDoesNotExist',
  ],
])('refuses %s', async (_, input, name) => {
  await expect(sfn.send(new StartExecutionCommand({ stateMachineArn: machine.arn, ...input }))).rejects.toMatchObject({ name })
  expect(machine.executions).toEqual([])
})

test('a name of 80 characters and an input of 262,144 bytes are accepted', async () => {
  await sfn.send(
    new StartExecutionCommand({ stateMachineArn: machine.arn, name: 'x'.repeat(80), input: JSON.stringify('ä'.repeat(131_071)) }),
  )
  expect(machine.executions).toHaveLength(1)
})

test('stop ends a running execution with the reason given, and EventBridge hears of it', async () => {
  const { executionArn } = await start({ wait: true }, 'stopped')
  const { stopDate } = await sfn.send(new StopExecutionCommand({ executionArn, error: 'Operator', cause: 'wrong site' }))
  expect(await describe(executionArn)).toMatchObject({ status: 'ABORTED', error: 'Operator', cause: 'wrong site', stopDate })
  expect(ended).toMatchObject([
    {
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      region,
      resources: [executionArn],
      detail: {
        executionArn,
        stateMachineArn: machine.arn,
        name: 'stopped',
        status: 'ABORTED',
        input: '{"wait":true}',
        output: null,
        error: 'Operator',
        cause: 'wrong site',
        stopDate: stopDate?.getTime(),
      },
    },
  ])
})

test('lists executions newest first, by status, page by page', async () => {
  await start({ wait: true }, 'running')
  for (const name of ['a', 'b', 'c']) await finished((await start({ wait: false }, name)).executionArn)
  const names = async (input: object) =>
    (await sfn.send(new ListExecutionsCommand({ stateMachineArn: machine.arn, ...input }))).executions?.map(({ name }) => name)
  expect(await names({ statusFilter: 'RUNNING' })).toEqual(['running'])
  expect(await names({ statusFilter: 'SUCCEEDED' })).toEqual(['c', 'b', 'a'])
  const { nextToken } = await sfn.send(new ListExecutionsCommand({ stateMachineArn: machine.arn, maxResults: 3 }))
  expect(await names({ maxResults: 3, nextToken })).toEqual(['running'])
  await expect(names({ nextToken: 'made-up' })).rejects.toMatchObject({ name: 'InvalidToken' })
})

test('the history reads as at AWS, in pages, backwards, and without data when asked', async () => {
  const { executionArn } = await start({ wait: false })
  await finished(executionArn)
  const history = async (input: object) => sfn.send(new GetExecutionHistoryCommand({ executionArn, ...input }))
  const { events = [] } = await history({})
  expect(events.map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'PassStateEntered',
    'PassStateExited',
    'ChoiceStateEntered',
    'ChoiceStateExited',
    'SucceedStateEntered',
    'SucceedStateExited',
    'ExecutionSucceeded',
  ])
  expect(events.map(({ id, previousEventId }) => [id, previousEventId])).toEqual(events.map((_, index) => [index + 1, index]))
  expect(events[0]?.executionStartedEventDetails?.input).toBe('{"wait":false}')
  expect(events[1]?.stateEnteredEventDetails).toMatchObject({ name: 'First', input: '{"wait":false}' })
  expect(events[2]?.stateExitedEventDetails).toMatchObject({ name: 'First', output: '{"wait":false}' })
  expect(events.at(-1)?.executionSucceededEventDetails?.output).toBe('{"wait":false}')

  const paged: HistoryEvent[] = []
  for (let token: string | undefined, first = true; first || token !== undefined; first = false) {
    const found = await history({ maxResults: 3, nextToken: token })
    paged.push(...(found.events ?? []))
    token = found.nextToken
  }
  expect(paged).toEqual(events)
  expect((await history({ reverseOrder: true, maxResults: 1 })).events?.[0]?.type).toBe('ExecutionSucceeded')
  const bare = (await history({ includeExecutionData: false })).events ?? []
  expect(bare[1]?.stateEnteredEventDetails).toEqual({ name: 'First' })
})

test('an execution that is not there says so', async () => {
  await expect(describe(`arn:aws:states:${region}:000000000000:execution:purge:nope`)).rejects.toMatchObject({
    name: 'ExecutionDoesNotExist',
  })
  await expect(describe('nope')).rejects.toMatchObject({ name: 'InvalidArn' })
})
