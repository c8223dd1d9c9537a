import { describe, expect, it } from 'vitest'
import { aLayer, type Answer, aPoll, fails, runPurge, type TaskName } from './run-purge.ts'

const throttledErrors = {
  lambda: ['Lambda.TooManyRequestsException', 'AwsThrottled'],
  ssm: ['Ssm.ThrottlingException', 'Ssm.SsmException'],
}
const crashErrors = {
  lambda: [
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.Unknown',
    'Runtime.ExitError',
    'Sandbox.Timedout',
    'States.Timeout',
    'AwsUnavailable',
  ],
  ssm: ['Ssm.InternalServerErrorException', 'Ssm.SdkClientException', 'States.Timeout'],
}

const layer = (id: string) => [`send ${id}`, 'status', 'confirm']
const times = (count: number, task: string): string[] => Array.from({ length: count }, () => task)
const toldInSlack = { status: 'FAILED', error: 'PurgeFailed', cause: 'told in Slack' }

/** Fails the first `count` calls. */
const failing =
  (count: number, error: string, then: unknown): Answer =>
  (_input, before) =>
    before < count ? fails(error) : then
const always =
  (error: string): Answer =>
  () =>
    fails(error)
const statuses =
  (...list: (string | undefined)[]): Answer =>
  (input, before) => {
    const status = list[Math.min(before, list.length - 1)]
    return status === undefined ? aPoll(input) : aPoll(input, status)
  }

describe('a purge that goes well', () => {
  it('plans, purges the layers one after the other, then the edge, then tells Slack', async () => {
    const { tasks, ending } = await runPurge()
    expect(tasks).toEqual(['plan', ...layer('one'), ...layer('two'), 'edge', 'notify success'])
    expect(ending.status).toBe('SUCCEEDED')
  })

  it('outputs the report and nothing else', async () => {
    expect((await runPurge()).output).toEqual({ text: 'all is well' })
  })

  it('gives Slack the plan, the layers as confirmed, and the execution', async () => {
    const { inputs } = await runPurge()
    expect(inputs.notify[0]).toMatchObject({
      request: { target: 'portal' },
      execution: { arn: 'arn:execution', startedAt: '2026-11-21T12:00:00.000Z' },
      layers: [
        { id: 'one', outcome: 'purged' },
        { id: 'two', outcome: 'purged' },
      ],
      plan: { edge: { status: 'done' } },
    })
  })

  it('sends the command as planned', async () => {
    const { inputs } = await runPurge()
    expect(inputs.send[0]).toEqual({
      DocumentName: 'TD-one',
      Targets: [{ Key: 'InstanceIds', Values: ['i-0a1b2c3d4e5f60718'] }],
      Parameters: { CachePath: ['/var/cache/nginx/one'] },
      TimeoutSeconds: 60,
      Comment: 'one',
      MaxConcurrency: '50',
      MaxErrors: '0',
    })
    expect(inputs.status[0]).toMatchObject({ command: { id: 'one' }, sent: { id: 'command of TD-one' }, poll: { count: 0 } })
  })

  it('leaves Cloudflare alone where the target has no edge', async () => {
    const { tasks } = await runPurge({
      plan: () => ({ commands: [aLayer('one')], edge: null, proof: null, notifiesOnSuccess: true }),
    })
    expect(tasks).toEqual(['plan', ...layer('one'), 'notify success'])
  })

  it.each([[{ target: 'portal' }], ['portal'], [['portal']], [7], [{}]])('hands the input %j to the plan as it is', async (input) => {
    expect((await runPurge({}, input)).inputs.plan).toEqual([input])
  })
})

describe('a group', () => {
  const plan = (status: string) => ({ commands: [], edge: null, proof: null, notifiesOnSuccess: true, group: { status, waitSeconds: 1 } })
  const turns =
    (last: string): Answer =>
    (_input, before) =>
      plan(before < 2 ? 'running' : last)

  it('is followed until it has ended, touches nothing itself, and is told once', async () => {
    const { tasks, ending } = await runPurge({ plan: () => plan('running'), group: turns('done') })
    expect(tasks).toEqual(['plan', 'group', 'group', 'group', 'notify success'])
    expect(ending.status).toBe('SUCCEEDED')
  })

  it('of which one target failed ends as failed', async () => {
    const { tasks, ending } = await runPurge({ plan: () => plan('running'), group: turns('failed') })
    expect(tasks).toEqual(['plan', 'group', 'group', 'group', 'notify success'])
    expect(ending).toMatchObject({ status: 'FAILED', error: 'PurgeFailed' })
  })

  it('that cannot be followed is a failure that is told', async () => {
    const { tasks, ending } = await runPurge({ plan: () => plan('running'), group: always('Broken') })
    expect(tasks).toEqual(['plan', 'group', 'notify failure'])
    expect(ending).toMatchObject(toldInSlack)
  })
})

describe('waiting for a command', () => {
  it.each(['Success', 'Failed', 'TimedOut', 'Cancelled'])('lets Confirm Command judge a command that ended as %s', async (status) => {
    const { tasks } = await runPurge({ status: statuses(status) })
    expect(tasks.slice(0, 4)).toEqual(['plan', 'send one', 'status', 'confirm'])
  })

  it.each(['Pending', 'InProgress', 'Cancelling', undefined])('looks again while the status is %s', async (status) => {
    const { tasks } = await runPurge({ status: statuses(status, status, 'Success') })
    expect(tasks.slice(0, 6)).toEqual(['plan', 'send one', 'status', 'status', 'status', 'confirm'])
  })

  it.each(['InProgress', undefined])(
    'gives up after the planned number of looks, cancels the command, and lets Confirm Command judge (status %s)',
    async (status) => {
      const { tasks, inputs } = await runPurge({ status: statuses(status), confirm: always('LayerFailed') })
      expect(tasks).toEqual(['plan', 'send one', ...times(4, 'status'), 'cancel', 'confirm', 'notify failure'])
      expect(inputs.cancel).toEqual([{ CommandId: 'command of TD-one' }])
      expect(inputs.confirm[0]).toMatchObject({ cancel: { requested: true } })
    },
  )

  it('goes on with the next layer when the instances turn out to have finished before the cancel', async () => {
    const { tasks } = await runPurge({ status: (input, before) => aPoll(input, before < 4 ? 'InProgress' : 'Success') })
    expect(tasks.slice(0, 9)).toEqual(['plan', 'send one', ...times(4, 'status'), 'cancel', 'confirm', 'send two'])
  })

  it('asks Confirm Command also when the cancel fails', async () => {
    const { tasks, inputs } = await runPurge({
      status: statuses('InProgress'),
      cancel: always('Ssm.InvalidCommandIdException'),
      confirm: always('LayerFailed'),
    })
    expect(tasks).toEqual(['plan', 'send one', ...times(4, 'status'), 'cancel', 'confirm', 'notify failure'])
    expect(inputs.confirm[0]).toMatchObject({ cancel: { Error: 'Ssm.InvalidCommandIdException' } })
  })

  it('cancels a command that it cannot watch any more', async () => {
    const { tasks } = await runPurge({ status: always('Ssm.InvalidCommandIdException'), confirm: always('LayerFailed') })
    expect(tasks).toEqual(['plan', 'send one', 'status', 'cancel', 'confirm', 'notify failure'])
  })
})

describe('a command that only reads', () => {
  const places = ['before', 'after'] as const
  const plan = (kind: string, place: (typeof places)[number]): Answer => {
    const reads = aLayer('reads', { kind })
    return () => ({
      commands: place === 'before' ? [reads, aLayer('one')] : [aLayer('one'), reads],
      edge: { status: 'pending' },
      proof: null,
      notifiesOnSuccess: true,
    })
  }
  const only =
    (id: string, error: string): Answer =>
    (input) => {
      const isIt = input['DocumentName'] === `TD-${id}` || (input['command'] as { id: string } | undefined)?.id === id
      if (isIt) return fails(error, 'scripted')
      return input['DocumentName'] === undefined ? { id: 'one' } : { Command: { CommandId: 'c' } }
    }
  const cases = ['probe', 'inspect'].flatMap((kind) =>
    places.flatMap((place) =>
      (['send', 'confirm'] as const).flatMap((task) =>
        [
          'InvocationsPending',
          'Ssm.InvalidDocumentException',
          'Ssm.ThrottlingException',
          'Lambda.TooManyRequestsException',
          'Runtime.ExitError',
          'TypeError',
        ].map((error): [string, string, 'send' | 'confirm', string] => [kind, place, task, error]),
      ),
    ),
  )

  it.each(cases)('fails nothing: a %s %s the layers, whose %s fails with %s', async (kind, place, task, error) => {
    const { tasks, inputs, ending } = await runPurge({ plan: plan(kind, place as 'before' | 'after'), [task]: only('reads', error) })
    expect(tasks).toContain('send one')
    expect(tasks.slice(-2)).toEqual(['edge', 'notify success'])
    expect(ending.status).toBe('SUCCEEDED')
    const { layers } = inputs.notify[0] as { layers: { id: string }[] }
    expect(layers).toHaveLength(2)
    expect(layers.find(({ id }) => id === 'reads')).toEqual({ id: 'reads', label: 'reads', outcome: 'no-result', error, cause: 'scripted' })
  })
})

describe('a layer that fails', () => {
  it('leaves later layers and the edge untouched, tells Slack, and ends as PurgeFailed', async () => {
    const { tasks, inputs, ending } = await runPurge({ confirm: () => fails('LayerFailed', 'disk on fire') })
    expect(tasks).toEqual(['plan', 'send one', 'status', 'confirm', 'notify failure'])
    expect(inputs.notify[0]).toMatchObject({ failure: { Error: 'LayerFailed', Cause: 'disk on fire' }, plan: { edge: {} } })
    expect(ending).toEqual(toldInSlack)
  })

  it('leaves the edge untouched when it is the last one', async () => {
    const { tasks, ending } = await runPurge({ confirm: (_input, before) => (before === 1 ? fails('LayerFailed') : { id: 'one' }) })
    expect(tasks).toEqual(['plan', ...layer('one'), ...layer('two'), 'notify failure'])
    expect(ending).toEqual(toldInSlack)
  })

  it('fails at once when the command cannot be sent for a reason that will not pass', async () => {
    const { tasks, ending } = await runPurge({ send: always('Ssm.InvalidDocumentException') })
    expect(tasks).toEqual(['plan', 'send one', 'notify failure'])
    expect(ending).toEqual(toldInSlack)
  })

  it('looks again while Run Command has not caught up, then gives up', async () => {
    const { tasks, ending } = await runPurge({ confirm: always('InvocationsPending') })
    expect(tasks).toEqual(['plan', 'send one', 'status', ...times(6, 'confirm'), 'notify failure'])
    expect(ending).toEqual(toldInSlack)
  })

  it('goes on when Run Command catches up', async () => {
    const { ending } = await runPurge({ confirm: failing(5, 'InvocationsPending', { id: 'one' }) })
    expect(ending.status).toBe('SUCCEEDED')
  })
})

describe('the edge', () => {
  it('is asked again, with what it returned, as long as it is throttled', async () => {
    const { tasks, inputs } = await runPurge({
      edge: (_input, before) => ({ status: before < 3 ? 'throttled' : 'done', waitSeconds: 7, turn: before }),
    })
    expect(tasks.slice(-5)).toEqual([...times(4, 'edge'), 'notify success'])
    expect(inputs.edge.map(({ turn }) => turn)).toEqual([undefined, 0, 1, 2])
  })

  it.each(['EdgeRejected', 'EdgeUnavailable', 'SecretUnavailable'])('ends the purge with a message on %s', async (error) => {
    const { tasks, ending } = await runPurge({ edge: always(error) })
    expect(tasks).toEqual(['plan', ...layer('one'), ...layer('two'), 'edge', 'notify failure'])
    expect(ending).toEqual(toldInSlack)
  })
})

describe('a probe', () => {
  const probed = (...next: string[]): Partial<Record<TaskName, Answer>> => ({
    plan: () => ({
      commands: [aLayer('one'), aLayer('two')],
      edge: { status: 'pending' },
      proof: { next: 'done' },
      notifiesOnSuccess: true,
    }),
    probe: ({ plan }, before) => ({ ...(plan as object), commands: [aLayer('two')], proof: { next: next[before] } }),
  })

  it('that proves the purge is the last thing before the message', async () => {
    const { tasks, ending } = await runPurge(probed('done'))
    expect(tasks).toEqual(['plan', 'before', ...layer('one'), ...layer('two'), 'edge', 'probe', 'notify success'])
    expect(ending.status).toBe('SUCCEEDED')
  })

  it('that sees an old copy has its layers and the edge purged once more, and is repeated', async () => {
    const { tasks, ending } = await runPurge(probed('purge-again', 'done'))
    expect(tasks).toEqual([
      'plan',
      'before',
      ...layer('one'),
      ...layer('two'),
      'edge',
      'probe',
      ...layer('two'),
      'edge',
      'probe',
      'notify success',
    ])
    expect(ending.status).toBe('SUCCEEDED')
  })

  it('that still sees it fails the execution, after telling Slack from all that is known', async () => {
    const { tasks, inputs, ending } = await runPurge({
      ...probed('purge-again', 'report-stale'),
      notify: () => ({ text: 'told in Slack' }),
    })
    expect(tasks.slice(-2)).toEqual(['probe', 'notify success'])
    expect(inputs.notify[0]).toMatchObject({ plan: { proof: { next: 'report-stale' } } })
    expect(ending).toEqual(toldInSlack)
  })

  it('that breaks fails nothing: the message says why nothing is proven', async () => {
    const { tasks, inputs, ending } = await runPurge({ ...probed('done'), probe: () => fails('TypeError', 'no such thing') })
    expect(tasks.slice(-3)).toEqual(['edge', 'probe', 'notify success'])
    expect(inputs.notify[0]).toMatchObject({ probeFailure: { Error: 'TypeError', Cause: 'no such thing' }, plan: { edge: {} } })
    expect(ending.status).toBe('SUCCEEDED')
  })

  it('that breaks before the first command keeps nobody from purging', async () => {
    const { tasks, ending } = await runPurge({ ...probed('done'), before: always('TypeError') })
    expect(tasks).toEqual(['plan', 'before', ...layer('one'), ...layer('two'), 'edge', 'probe', 'notify success'])
    expect(ending.status).toBe('SUCCEEDED')
  })

  it('of the edge alone runs no command again', async () => {
    const { tasks } = await runPurge({
      ...probed('purge-again', 'done'),
      probe: ({ plan }, before) => ({ ...(plan as object), commands: [], proof: { next: before === 0 ? 'purge-again' : 'done' } }),
    })
    expect(tasks.slice(-5)).toEqual(['edge', 'probe', 'edge', 'probe', 'notify success'])
  })
})

describe('the plan', () => {
  it('is made once and not retried for an input that will not get better', async () => {
    const { tasks, inputs, ending } = await runPurge({ plan: () => fails('InvalidRequest', 'Valid targets: portal.') }, { target: 'nope' })
    expect(tasks).toEqual(['plan', 'notify failure'])
    expect(inputs.notify[0]).toMatchObject({
      request: { target: 'nope' },
      failure: { Error: 'InvalidRequest', Cause: 'Valid targets: portal.' },
    })
    expect(ending).toEqual(toldInSlack)
  })
})

describe('the message', () => {
  it.each([
    ['SlackUnavailable', 6],
    ['SlackRejected', 1],
    ['SecretUnavailable', 1],
  ])('that cannot be delivered (%s) ends the execution as NotifyFailed after %i tries', async (error, tries) => {
    const { tasks, ending } = await runPurge({ notify: () => fails(error, 'the message was: all is well') })
    expect(tasks.slice(-tries - 1)).toEqual(['edge', ...times(tries, 'notify success')])
    expect(ending).toEqual({ status: 'FAILED', error: 'NotifyFailed', cause: 'the message was: all is well' })
  })

  it('about a failure that cannot be delivered ends the execution as NotifyFailed too', async () => {
    const { tasks, ending } = await runPurge({ plan: always('InvalidRequest'), notify: always('SlackUnavailable') })
    expect(tasks).toEqual(['plan', ...times(6, 'notify failure')])
    expect(ending).toMatchObject({ status: 'FAILED', error: 'NotifyFailed' })
  })

  it('is delivered at the last try', async () => {
    const { ending } = await runPurge({ notify: failing(5, 'SlackUnavailable', { text: 'late' }) })
    expect(ending.status).toBe('SUCCEEDED')
  })
})

describe('an error that may pass', () => {
  const tasks: readonly TaskName[] = ['plan', 'send', 'status', 'cancel', 'confirm', 'edge', 'before', 'probe', 'notify']
  const service = (task: TaskName) => (['send', 'cancel'].includes(task) ? 'ssm' : 'lambda')
  const cases = tasks.flatMap((task) => [
    ...throttledErrors[service(task)].map((error): [TaskName, string, number] => [task, error, 4]),
    ...crashErrors[service(task)].map((error): [TaskName, string, number] => [task, error, 3]),
  ])
  const results: Partial<Record<TaskName, unknown>> = {
    plan: { commands: [], edge: null, proof: null, notifiesOnSuccess: true },
    send: { Command: { CommandId: 'c' } },
    status: aPoll({ poll: { count: 0 } }, 'Success'),
    cancel: {},
    confirm: { id: 'one' },
    edge: { status: 'done' },
    before: { commands: [], edge: null, proof: { next: 'done' }, notifiesOnSuccess: true },
    probe: { commands: [], proof: { next: 'done' }, notifiesOnSuccess: true },
    notify: { text: 'fine' },
  }
  const plan =
    (changes: Record<string, unknown> = {}): Answer =>
    () => ({ commands: [aLayer('one')], edge: { status: 'pending' }, proof: null, notifiesOnSuccess: true, ...changes })
  /** A cancel happens only where the command never ends, and a probe only where the plan has one. */
  const around = (task: TaskName): Partial<Record<TaskName, Answer>> =>
    task === 'cancel'
      ? { status: statuses('InProgress') }
      : { plan: plan(task === 'probe' || task === 'before' ? { proof: { next: 'done' } } : {}) }

  it.each(cases)('is survived by %s: %s, %i times', async (task, error, times) => {
    const { inputs, ending } = await runPurge({ ...around(task), [task]: failing(times, error, results[task]) })
    expect(inputs[task].length).toBeGreaterThan(times)
    expect(ending.status).toBe('SUCCEEDED')
  })

  it.each(cases)('is not tried once more by %s: %s, after %i retries', async (task, error, times) => {
    const { inputs, ending } = await runPurge({ plan: plan(), ...around(task), [task]: always(error) })
    expect(inputs[task]).toHaveLength(times + 1)
    // What follows the loss of a status or of a cancel is judged by Confirm Command, and a purge without a probe is only unproven.
    expect(ending.status).toBe(['status', 'cancel', 'before', 'probe'].includes(task) ? 'SUCCEEDED' : 'FAILED')
  })
})
