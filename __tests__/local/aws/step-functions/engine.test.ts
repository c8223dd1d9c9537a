import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ExecutionEndedEvent } from '../../../../local/aws/step-functions/execution-event.ts'
import { startAws, type Aws } from '../../../../local/aws/start-aws.ts'
import type { Execution } from '../../../../local/aws/step-functions/execution.ts'
import { translateDefinition } from '../../../../local/aws/step-functions/engine-definition.ts'
import { createHistory } from '../../../../local/aws/step-functions/engine-history.ts'
import { createTaskPerformer } from '../../../../local/aws/step-functions/engine-tasks.ts'
import { json, serve } from '../../../../local/server/http.ts'
import type { InvokeResult } from '../../../../local/aws/lambda/lambda.ts'
import { eventually, makeDocument, makeInstance, region, scriptEnd } from '../fixtures.ts'

type Invoke = (input: unknown, call: number) => unknown
class FunctionFailure extends Error {}

let aws: Aws
let ended: ExecutionEndedEvent[]
let invoked: [name: string, input: unknown][]
let sent: string[]
beforeEach(async () => {
  ended = []
  invoked = []
  sent = []
  aws = await startAws({
    instances: [makeInstance()],
    documents: { [region]: { One: makeDocument(), Two: makeDocument(), Three: makeDocument() } },
    run: ({ parameters }) => Promise.resolve(scriptEnd({ exitCode: sent.push(parameters['Word'] ?? '') && 0 })),
  })
})
afterEach(() => aws.close())

const functionArn = (name: string) => `arn:aws:lambda:${region}:000000000000:function:${name}`
const task = (name: string, more: object = {}) => ({ Type: 'Task', Resource: functionArn(name), ...more })

/** Runs states to their end. A function that throws FunctionFailure fails as its message says. */
const run = async (
  states: Record<string, object>,
  functions: Record<string, Invoke> = {},
  options: { input?: unknown; top?: object; waitScale?: number } = {},
): Promise<Execution> => {
  const calls = new Map<string, number>()
  const invoke = async (arn: string, input: unknown): Promise<InvokeResult> => {
    const name = arn.split(':').at(-1)!
    const call = (calls.get(name) ?? 0) + 1
    calls.set(name, call)
    invoked.push([name, input])
    try {
      return { kind: 'success', payload: (await functions[name]!(input, call)) ?? null }
    } catch (error) {
      return { kind: 'function-error', error: { errorType: (error as Error).message, errorMessage: 'it broke', trace: ['a', 'b'] } }
    }
  }
  const definition = JSON.stringify({ StartAt: Object.keys(states)[0], States: states, ...options.top })
  const machine = aws.createStateMachine({
    region,
    name: 'test',
    definition,
    invoke,
    waitScale: options.waitScale ?? 0,
    onEnded: (event) => ended.push(event),
  })
  const execution = machine.start('run', JSON.stringify(options.input ?? {}))
  await execution.run.ended
  return execution
}
const types = (execution: Execution) => execution.run.history.events.map(({ type }) => type)
const output = (execution: Execution): unknown =>
  execution.ending?.status === 'SUCCEEDED' ? JSON.parse(execution.ending.output) : execution.ending

const items = (...words: string[]) => ({ words })
const layers = (processor: Record<string, object>, more: object = {}) => ({
  Type: 'Map',
  ItemsPath: '$.words',
  MaxConcurrency: 1,
  ItemSelector: {
    'word.$': '$$.Map.Item.Value',
    'index.$': '$$.Map.Item.Index',
    'run.$': '$$.Execution.Name',
    'given.$': '$$.Execution.Input.words[0]',
  },
  ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: Object.keys(processor)[0], States: processor },
  End: true,
  ...more,
})
const sendCommand = {
  Type: 'Task',
  Resource: 'arn:aws:states:::aws-sdk:ssm:sendCommand',
  Parameters: { DocumentName: 'One', InstanceIds: ['i-00000000000000000'], Parameters: { 'Word.$': 'States.Array($.word)' } },
  ResultSelector: { 'id.$': '$.Command.CommandId' },
  ResultPath: '$.command',
}

describe('a Map with MaxConcurrency 1', () => {
  test('handles its items one after the other, with the context of the execution', async () => {
    let running = 0
    const execution = await run(
      { Layers: layers({ Work: task('work', { End: true }) }) },
      {
        work: async (input) => {
          expect(++running).toBe(1)
          await new Promise((resolve) => setTimeout(resolve, 20))
          running--
          return input
        },
      },
      { input: items('a', 'b', 'c') },
    )
    expect(output(execution)).toEqual(['a', 'b', 'c'].map((word, index) => ({ word, index, run: 'run', given: 'a' })))
    expect(types(execution).filter((type) => type.startsWith('Map'))).toEqual([
      'MapStateEntered',
      'MapStateStarted',
      'MapIterationStarted',
      'MapIterationSucceeded',
      'MapIterationStarted',
      'MapIterationSucceeded',
      'MapIterationStarted',
      'MapIterationSucceeded',
      'MapStateSucceeded',
      'MapStateExited',
    ])
  })

  // aws-local-stepfunctions 3.0.0 by itself sends all the later commands.
  test.each([
    ['the first', 'a', ['a']],
    ['the second', 'b', ['a', 'b']],
  ])('sends nothing for a later item when %s has failed', async (_, failing, expected) => {
    const processor = { Send: { ...sendCommand, Next: 'Confirm' }, Confirm: task('confirm', { End: true }) }
    const execution = await run(
      {
        Layers: layers(processor, {
          Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'Report' }],
          End: undefined,
          Next: 'Report',
        }),
        Report: { Type: 'Pass', End: true },
      },
      {
        confirm: (input) => {
          if ((input as { word: string }).word === failing) throw new FunctionFailure('LayerFailed')
        },
      },
      { input: items('a', 'b', 'c', 'd') },
    )
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(sent).toEqual(expected)
    expect(output(execution)).toMatchObject({ failure: { Error: 'LayerFailed' } })
    expect(types(execution).filter((type) => type.startsWith('MapIterationFailed') || type === 'MapStateFailed')).toEqual([
      'MapIterationFailed',
      'MapStateFailed',
    ])
  })

  test('fails with States.Runtime when an iteration does, and no Catch gets it', async () => {
    const processor = { Look: { Type: 'Pass', Parameters: { 'x.$': '$.missing' }, End: true } }
    const execution = await run(
      { Layers: layers(processor, { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Report' }] }), Report: { Type: 'Pass', End: true } },
      {},
      { input: items('a', 'b') },
    )
    expect(execution.ending).toMatchObject({ status: 'FAILED', error: 'States.Runtime' })
  })

  test('with no items is an empty list', async () => {
    expect(output(await run({ Layers: layers({ Work: task('work', { End: true }) }) }, {}, { input: { words: [] } }))).toEqual([])
  })
})

describe('a failed function', () => {
  test('is caught by its error type, with the cause that Lambda gives', async () => {
    const execution = await run(
      {
        Work: task('work', { Catch: [{ ErrorEquals: ['Special'], ResultPath: '$.failure', Next: 'After' }], Next: 'After' }),
        After: { Type: 'Pass', End: true },
      },
      {
        work: () => {
          throw new FunctionFailure('Special')
        },
      },
    )
    const { failure } = output(execution) as { failure: { Error: string; Cause: string } }
    expect(failure.Error).toBe('Special')
    expect(JSON.parse(failure.Cause)).toEqual({ errorType: 'Special', errorMessage: 'it broke', trace: ['a', 'b'] })
    expect(types(execution)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionFailed',
      'TaskStateExited',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ])
  })

  test('is retried as often as it says, and fails the execution when that does not help', async () => {
    const retry = [{ ErrorEquals: ['Busy'], IntervalSeconds: 30, MaxAttempts: 2, BackoffRate: 2 }]
    const execution = await run(
      { Work: task('work', { Retry: retry, End: true }) },
      {
        work: () => {
          throw new FunctionFailure('Busy')
        },
      },
    )
    expect(invoked).toHaveLength(3)
    expect(execution.ending).toMatchObject({ status: 'FAILED', error: 'Busy' })
    expect(ended).toMatchObject([{ detail: { status: 'FAILED', error: 'Busy', cause: expect.stringContaining('it broke') as string } }])
    expect(types(execution).filter((type) => type === 'LambdaFunctionScheduled')).toHaveLength(3)
  })

  test('goes on when a retry succeeds', async () => {
    const retry = [{ ErrorEquals: ['Busy'], IntervalSeconds: 30 }]
    const execution = await run(
      { Work: task('work', { Retry: retry, End: true }) },
      {
        work: (_, call) => {
          if (call === 1) throw new FunctionFailure('Busy')
          return 'done'
        },
      },
    )
    expect(output(execution)).toBe('done')
  })
})

describe('a task of Systems Manager', () => {
  test.each([
    ['a document that does not exist', { DocumentName: 'Nope', InstanceIds: ['i-00000000000000000'] }, 'Ssm.InvalidDocumentException'],
    [
      'a parameter that the document lacks',
      { DocumentName: 'One', InstanceIds: ['i-00000000000000000'], Parameters: { Nope: ['x'] } },
      'Ssm.InvalidParametersException',
    ],
    ['an input that AWS refuses', { DocumentName: 'One', InstanceIds: [] }, 'Ssm.ValidationException'],
  ])('fails by the name that Step Functions gives for %s', async (_, Parameters, error) => {
    expect((await run({ Send: { ...sendCommand, Parameters, End: true } })).ending).toMatchObject({ status: 'FAILED', error })
  })

  test.each([
    ['an error that the SDK has no class for', () => Promise.resolve(json(400, { __type: 'BrandNew', message: 'm' })), 'Ssm.SsmException'],
    ['an endpoint that does not answer', () => Promise.reject(new Error('closed')), 'Ssm.SdkClientException'],
  ])('fails by the general name for %s', async (_, answer, name) => {
    const server = await serve(0, answer)
    if (name === 'Ssm.SdkClientException') await server.close()
    const perform = createTaskPerformer({ region, awsUrl: server.url, invoke: () => Promise.reject(new Error('no')) })
    const listCommands = { resource: 'arn:aws:states:::aws-sdk:ssm:listCommands', input: {}, timeoutSeconds: 60 }
    await expect(perform(listCommands, createHistory(Date.now))).rejects.toMatchObject({ name })
    if (name !== 'Ssm.SdkClientException') await server.close()
  })

  test('is retried when it is throttled', async () => {
    aws.faults.throttle['SendCommand'] = 2
    const retry = [{ ErrorEquals: ['Ssm.ThrottlingException'], IntervalSeconds: 2, MaxAttempts: 4 }]
    const execution = await run({ Send: { ...sendCommand, Retry: retry, End: true } }, {}, { input: { word: 'x' } })
    expect(output(execution)).toMatchObject({ command: { id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string } })
    expect(types(execution).filter((type) => type.startsWith('Task'))).toEqual([
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskFailed',
      'TaskScheduled',
      'TaskStarted',
      'TaskFailed',
      'TaskScheduled',
      'TaskStarted',
      'TaskSucceeded',
      'TaskStateExited',
    ])
  })

  test('selects an empty list from an empty list, and a Choice sees that nothing is there', async () => {
    const look = {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:ssm:listCommands',
      Parameters: {},
      ResultSelector: { 'statuses.$': '$.Commands[*].Status', kept: true },
      Next: 'There?',
    }
    const choice = { Type: 'Choice', Choices: [{ Variable: '$.statuses[0]', IsPresent: false, Next: 'Nothing' }], Default: 'Something' }
    const states = {
      Look: look,
      'There?': choice,
      Nothing: { Type: 'Pass', Result: 'nothing', ResultPath: '$.said', End: true },
      Something: { Type: 'Pass', Result: 'something', ResultPath: '$.said', End: true },
    }
    expect(output(await run(states))).toEqual({ statuses: [], kept: true, said: 'nothing' })
  })

  test('selects a list of one from a list of one', async () => {
    const look = {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:ssm:listCommands',
      Parameters: {},
      ResultSelector: { 'documents.$': '$.Commands[*].DocumentName', 'first.$': '$.Commands[0].DocumentName' },
      End: true,
    }
    expect(output(await run({ Send: { ...sendCommand, Next: 'Look' }, Look: look }, {}, { input: { word: 'x' } }))).toEqual({
      documents: ['One'],
      first: 'One',
    })
  })
})

describe('time', () => {
  test('a Wait keeps its computed length, times the scale', async () => {
    const started = Date.now()
    await run({ Pause: { Type: 'Wait', SecondsPath: '$.seconds', End: true } }, {}, { input: { seconds: 300 }, waitScale: 0.001 })
    expect(Date.now() - started).toBeGreaterThanOrEqual(295)
    expect(Date.now() - started).toBeLessThan(5000)
  })

  test('a Wait passes its input on', async () => {
    expect(output(await run({ Pause: { Type: 'Wait', Seconds: 5, End: true } }, {}, { input: { a: 1 } }))).toEqual({ a: 1 })
  })

  test('a Wait for half a second is an error, as at AWS', async () => {
    expect(
      (await run({ Pause: { Type: 'Wait', SecondsPath: '$.seconds', End: true } }, {}, { input: { seconds: 0.5 } })).ending,
    ).toMatchObject({ error: 'States.Runtime' })
  })

  test('a task that overruns is States.Timeout, and what it says later is not heard', async () => {
    const execution = await run(
      {
        Work: task('work', {
          TimeoutSeconds: 1,
          Catch: [{ ErrorEquals: ['States.Timeout'], ResultPath: '$.failure', Next: 'After' }],
          Next: 'After',
        }),
        After: task('after', { End: true }),
      },
      {
        work: () => new Promise((resolve) => setTimeout(resolve, 1200, 'late')),
        after: () => new Promise((resolve) => setTimeout(resolve, 600, 'after')),
      },
    )
    expect(output(execution)).toBe('after')
    expect(types(execution).filter((type) => type.startsWith('LambdaFunction'))).toEqual([
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionTimedOut',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
    ])
  })

  test('an execution that overruns is TIMED_OUT, and no Catch gets it', async () => {
    const execution = await run(
      { Pause: { Type: 'Wait', Seconds: 60, Next: 'Work' }, Work: task('work', { End: true }) },
      { work: () => 'never' },
      { top: { TimeoutSeconds: 1 }, waitScale: 1 },
    )
    expect(execution.ending).toMatchObject({ status: 'TIMED_OUT' })
    expect(types(execution).at(-1)).toBe('ExecutionTimedOut')
    expect(ended).toMatchObject([{ detail: { status: 'TIMED_OUT', error: null, cause: null } }])
    expect(invoked).toEqual([])
  })
})

test('an abort starts nothing more, not even a retry or the state of a Catch', async () => {
  const states = {
    Layers: layers(
      { Work: task('work', { Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 5 }], End: true }) },
      { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Report' }] },
    ),
    Report: task('report', { End: true }),
  }
  const machine = aws.createStateMachine({
    region,
    name: 'test',
    definition: JSON.stringify({ StartAt: 'Layers', States: states }),
    invoke: async (arn) => {
      invoked.push([arn.split(':').at(-1)!, null])
      await new Promise((resolve) => setTimeout(resolve, 100))
      return { kind: 'function-error', error: { errorType: 'X', errorMessage: '', trace: [] } }
    },
    onEnded: (event) => ended.push(event),
  })
  const execution = machine.start('run', JSON.stringify(items('a', 'b')))
  await eventually(() => Promise.resolve(invoked.length > 0 ? true : undefined))
  execution.run.abort('Operator', 'enough')
  expect(await execution.run.ended).toEqual({ status: 'ABORTED', error: 'Operator', cause: 'enough' })
  const events = types(execution).length
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(invoked).toEqual([['work', null]])
  expect(types(execution)).toHaveLength(events)
  expect(ended).toHaveLength(1)
})

test('an abort during the wait for a retry ends it', async () => {
  const definition = JSON.stringify({
    StartAt: 'Work',
    States: { Work: task('work', { Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 60 }], End: true }) },
  })
  const invoke = (): Promise<InvokeResult> =>
    Promise.resolve({ kind: 'function-error', error: { errorType: 'X', errorMessage: String(invoked.push(['work', null])), trace: [] } })
  const execution = aws.createStateMachine({ region, name: 'test', definition, invoke }).start('run', '{}')
  await new Promise((resolve) => setTimeout(resolve, 200))
  execution.run.abort(undefined, undefined)
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(invoked).toHaveLength(1)
  expect(types(execution).at(-1)).toBe('ExecutionAborted')
})

describe('262,144 bytes', () => {
  const half = 'x'.repeat(140_000)
  const caught = { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'After' }], Next: 'After' }
  const exceeded = { status: 'FAILED', error: 'States.DataLimitExceeded' }

  test('are the most that a task may return, and no Catch gets the error', async () => {
    const execution = await run({ Work: task('work', caught), After: { Type: 'Pass', End: true } }, { work: () => half + half })
    expect(execution.ending).toMatchObject(exceeded)
  })

  test('are the most that a state may pass on, and the next state never runs', async () => {
    const execution = await run(
      { Work: task('work', { ...caught, ResultPath: '$.more' }), After: task('after', { End: true }) },
      { work: () => half, after: () => null },
      { input: { half } },
    )
    expect(execution.ending).toMatchObject(exceeded)
    expect(invoked.map(([name]) => name)).toEqual(['work'])
  })
})

test('$$ tells who runs', async () => {
  const execution = await run(
    {
      Look: {
        Type: 'Pass',
        Parameters: {
          'id.$': '$$.Execution.Id',
          'name.$': '$$.Execution.Name',
          'at.$': '$$.Execution.StartTime',
          'input.$': '$$.Execution.Input',
          'machine.$': '$$.StateMachine.Name',
        },
        End: true,
      },
    },
    {},
    { input: { a: 1 } },
  )
  expect(output(execution)).toEqual({
    id: execution.arn,
    name: 'run',
    at: new Date(execution.startedAt).toISOString(),
    input: { a: 1 },
    machine: 'test',
  })
})

test('a Fail names its error and takes its cause from a path', async () => {
  expect(
    (await run({ End: { Type: 'Fail', Error: 'PurgeFailed', CausePath: '$.why' } }, {}, { input: { why: 'because' } })).ending,
  ).toMatchObject({ status: 'FAILED', error: 'PurgeFailed', cause: 'because' })
})

test.each([
  [
    'a Parallel state',
    { A: { Type: 'Parallel', Branches: [{ StartAt: 'B', States: { B: { Type: 'Pass', End: true } } }], End: true } },
    /Parallel/,
  ],
  ['Assign', { A: { Type: 'Pass', Assign: { a: 1 }, End: true } }, /Assign/],
  ['ResultPath $', { A: { Type: 'Pass', ResultPath: '$', End: true } }, /ResultPath/],
  ['a wait until a time', { A: { Type: 'Wait', Timestamp: '2026-01-01T00:00:00Z', End: true } }, /Timestamp/],
  ['a dangling Next', { A: { Type: 'Pass', Next: 'B' } }, /B/],
])('refuses a definition with %s', (_, states, message) => {
  expect(() => translateDefinition(JSON.stringify({ StartAt: 'A', States: states }), 1)).toThrow(message)
})
