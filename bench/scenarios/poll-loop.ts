// How many state transitions a command costs, and how long its end stays unknown: the real definition in the local engine, with a clock
// that only waits move. Nothing is timed, so the figures are the same on every machine.

import { planPurge } from '../../handlers/plan-purge/core.ts'
import { WatchRequest } from '../../handlers/confirm-command/schema.ts'
import { watchCommand } from '../../handlers/confirm-command/watch.ts'
import { watchSeconds } from '../../config/polling.ts'
import type { Config } from '../../config/schema.ts'
import { translateDefinition } from '../../local/aws/step-functions/engine-definition.ts'
import { startRun } from '../../local/aws/step-functions/engine.ts'
import { renderPurge } from '../../statemachines/purge.ts'

export interface Followed {
  /** Of the whole execution, as Step Functions counts and bills them. */
  readonly transitions: number
  /** From the end of the script to the moment when the state machine knows of it. */
  readonly lagSeconds: number
  /** How often Systems Manager was asked. */
  readonly requests: number
}

const arn = (name: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${name}`
const [plan, confirm, notify] = [arn('plan-purge'), arn('confirm-command'), arn('notify-slack')]

const ours = renderPurge({
  PlanPurgeArn: plan,
  ConfirmCommandArn: confirm,
  PurgeCloudflareArn: arn('purge-cloudflare'),
  ProbeEdgeArn: arn('probe-edge'),
  NotifySlackArn: notify,
  PurgeGroupArn: arn('purge-group'),
})

/** What AWS's own sample does, once a second, with as little as possible around it. */
const naive = JSON.stringify({
  StartAt: 'Send Command',
  States: {
    'Send Command': { Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:ssm:sendCommand', ResultPath: null, Next: 'Wait' },
    Wait: { Type: 'Wait', Seconds: 1, Next: 'Get Status' },
    'Get Status': { Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:ssm:listCommands', ResultPath: '$.poll', Next: 'Finished?' },
    'Finished?': {
      Type: 'Choice',
      Choices: [{ Variable: '$.poll.statuses[0]', StringEquals: 'Success', Next: 'Notify' }],
      Default: 'Wait',
    },
    Notify: { Type: 'Task', Resource: notify, End: true },
  },
})

const clockOf = () => {
  let now = 0
  return {
    now: () => now,
    advance: (seconds: number) => {
      now += seconds
    },
  }
}

/** @param taskOf answers a task, given its resource and input, at the time of the clock */
const transitionsOf = async (text: string, taskOf: (resource: string, input: unknown) => Promise<unknown>): Promise<number> => {
  const run = startRun({
    definition: translateDefinition(text, 0),
    input: '{"target":"portal"}',
    context: { Execution: { Id: 'arn', Name: 'bench', StartTime: '2026-01-01T00:00:00Z' }, StateMachine: { Id: 'arn', Name: 'bench' } },
    perform: ({ resource, input }) => taskOf(resource, input),
    waitScale: 0,
    now: Date.now,
  })
  const ending = await run.ended
  if (ending.status !== 'SUCCEEDED') throw new Error(`the execution ended as ${JSON.stringify(ending)}`)
  return run.history.events.filter(({ type }) => type.endsWith('StateEntered')).length
}

const statusAt = (now: number, endsAt: number) => {
  const status = now >= endsAt ? 'Success' : 'InProgress'
  return { statuses: [status], details: [status], targetCounts: [1] }
}

/** @param config its first target is purged: of one layer, without an edge and without pages */
export const followCommand = async (config: Config, scriptSeconds: number): Promise<Followed> => {
  const clock = clockOf()
  const [lag, requests] = [{ seconds: Number.NaN }, { count: 0 }]
  let waitSeconds = 0
  const ask = () => {
    requests.count += 1
    return Promise.resolve(statusAt(clock.now(), scriptSeconds))
  }
  const sleep = (milliseconds: number) => {
    clock.advance(milliseconds / 1000)
    return Promise.resolve()
  }
  const follow = async (input: unknown): Promise<unknown> => {
    if (typeof input !== 'object' || input === null || !('watch' in input)) return { id: 'one', outcome: 'purged' }
    clock.advance(waitSeconds)
    const poll = await watchCommand(WatchRequest.parse(input.watch), { ask, sleep, milliseconds: watchSeconds * 1000 })
    waitSeconds = poll.waitSeconds
    lag.seconds = clock.now() - scriptSeconds
    return poll
  }
  const transitions = await transitionsOf(ours, (resource, input) => {
    if (resource === plan) return Promise.resolve(planPurge({ target: config.targets[0]?.id }, config))
    if (resource === confirm) return follow(input)
    if (resource === notify) return Promise.resolve({ text: 'done' })
    return Promise.resolve({ Command: { CommandId: 'c' } })
  })
  return { transitions, lagSeconds: lag.seconds, requests: requests.count }
}

/** The same command in a machine that does nothing else, and asks once a second. */
export const followNaively = async (scriptSeconds: number): Promise<Followed> => {
  let requests = 0
  const transitions = await transitionsOf(naive, (resource) => {
    if (!resource.endsWith('listCommands')) return Promise.resolve({})
    requests += 1
    return Promise.resolve(statusAt(requests, scriptSeconds))
  })
  return { transitions, lagSeconds: requests - scriptSeconds, requests }
}
