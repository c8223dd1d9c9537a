import { afterEach, describe, expect, test } from 'vitest'
import { startEventSource, type EventSource, type EventSourceOptions } from '../../../../local/aws/sqs/event-source.ts'
import type { InvokeResult } from '../../../../local/aws/lambda/lambda.ts'
import { createQueue } from '../../../../local/aws/sqs/sqs.ts'
import { eventually } from '../fixtures.ts'

describe('the queue', () => {
  const setUp = () => {
    const clock = { now: 0 }
    return { clock, queue: createQueue({ visibilitySeconds: 30, maxReceiveCount: 2, now: () => clock.now }) }
  }

  test('hides what it gives out, until the visibility time-out', () => {
    const { clock, queue } = setUp()
    const id = queue.send('a')
    expect(queue.receive(10)).toMatchObject([{ messageId: id, body: 'a', receiveCount: 1 }])
    clock.now = 29_999
    expect(queue.receive(10)).toEqual([])
    clock.now = 30_000
    expect(queue.receive(10)).toMatchObject([{ messageId: id, receiveCount: 2 }])
  })

  test('gives a message up after its deliveries, and keeps it', () => {
    const { clock, queue } = setUp()
    queue.send('poison')
    for (const now of [0, 30_000]) {
      clock.now = now
      expect(queue.receive(1)).toHaveLength(1)
    }
    clock.now = 60_000
    expect(queue.receive(1)).toEqual([])
    expect([queue.counts(), queue.dead().map(({ body }) => body)]).toEqual([{ visible: 0, inFlight: 0, dead: 1 }, ['poison']])
  })

  test('shows a message earlier or later where it is told to, whatever the others do', () => {
    const { clock, queue } = setUp()
    for (const body of ['early', 'late', 'usual']) queue.send(body)
    const [early, late] = queue.receive(3).map(({ messageId }) => messageId)
    queue.changeVisibility([early!], 5)
    queue.changeVisibility([late!, 'deleted since'], 40)
    const shown = [4999, 5000, 30_000, 39_999, 40_000].map((now) => {
      clock.now = now
      return queue.receive(10).map(({ body }) => body)
    })
    expect(shown).toEqual([[], ['early'], ['usual'], [], ['late']])
  })

  test('forgets what is deleted', () => {
    const { clock, queue } = setUp()
    queue.send('a')
    queue.delete(queue.receive(1).map(({ messageId }) => messageId))
    clock.now = 1e9
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 0, dead: 0 })
  })
})

describe('the event source', () => {
  let source: EventSource | undefined
  afterEach(async () => {
    await source?.stop()
  })
  interface Event {
    readonly Records: readonly { messageId: string; body: string; attributes: { ApproximateReceiveCount: string } }[]
  }

  const start = (
    invoke: (event: Event, call: number) => Promise<unknown>,
    options: Partial<EventSourceOptions> = {},
    bodies: readonly string[] = ['a', 'b', 'c'],
  ) => {
    const queue = createQueue({ visibilitySeconds: 60, maxReceiveCount: 3 })
    const calls: Event[] = []
    for (const body of bodies) queue.send(body)
    source = startEventSource({
      queue,
      queueArn: 'arn:aws:sqs:us-east-1:000000000000:q',
      region: 'us-east-1',
      batchSize: 10_000,
      windowSeconds: 0.05,
      maxConcurrency: 1,
      retrySeconds: 0.1,
      log: () => undefined,
      invoke: async (event) => {
        const result = await invoke(event as Event, calls.push(event as Event))
        return (
          typeof result === 'object' && result !== null && 'kind' in result ? result : { kind: 'success', payload: result }
        ) as InvokeResult
      },
      ...options,
    })
    const empty = () => eventually(() => Promise.resolve(queue.counts().visible + queue.counts().inFlight === 0 ? true : undefined))
    return { queue, calls, empty, bodiesOf: () => calls.map(({ Records }) => Records.map(({ body }) => body)) }
  }

  test('gathers what comes within the window, and deletes what went well', async () => {
    const { bodiesOf, empty, queue } = start(() => Promise.resolve({ batchItemFailures: [] }), { windowSeconds: 0.5 })
    await empty()
    expect(bodiesOf()).toEqual([['a', 'b', 'c']])
    expect(queue.counts().dead).toBe(0)
  })

  test('delivers only what failed again, and gives it up after its deliveries', async () => {
    const { bodiesOf, empty, queue } = start(({ Records }) =>
      Promise.resolve({
        batchItemFailures: Records.filter(({ body }) => body === 'b').map(({ messageId }) => ({ itemIdentifier: messageId })),
      }),
    )
    await empty()
    expect(bodiesOf()).toEqual([['a', 'b', 'c'], ['b'], ['b']])
    expect(queue.dead().map(({ body }) => body)).toEqual(['b'])
  })

  test.each([
    ['an error', { kind: 'function-error', error: { errorType: 'Error', errorMessage: 'x', trace: [] } }],
    ['a refusal', { kind: 'refused', code: 'TooManyRequestsException', message: 'x' }],
    ['an id that was not in the batch', { batchItemFailures: [{ itemIdentifier: 'other' }] }],
    ['an answer that makes no sense', { batchItemFailures: 'all' }],
  ])('delivers the whole batch again after %s', async (_name, first) => {
    const { bodiesOf, empty } = start((_event, call) => Promise.resolve(call === 1 ? first : null))
    await empty()
    expect(bodiesOf()).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ])
  })

  test('runs no more at once than allowed', async () => {
    let running = 0
    let most = 0
    const { empty } = start(
      async () => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => setTimeout(resolve, 30))
        running -= 1
        return null
      },
      { batchSize: 1, maxConcurrency: 2, windowSeconds: 0 },
      Array.from({ length: 8 }, String),
    )
    await empty()
    expect(most).toBe(2)
  })

  test('fills no invocation beyond its 6 MB', async () => {
    const { calls, empty } = start(
      () => Promise.resolve(null),
      { windowSeconds: 5 },
      Array.from({ length: 40 }, () => '"'.repeat(120_000)),
    )
    await empty()
    expect(calls.length).toBeGreaterThan(1)
    for (const event of calls) expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(6_291_456)
  })
})
