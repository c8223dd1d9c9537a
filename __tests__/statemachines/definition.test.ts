// What can be said of the definition by reading it. What it does when it runs stands in paths.test.ts.

import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../config/load.ts'
import { maxPolls, pollingProblem, pollWaits, watchSeconds } from '../../config/polling.ts'
import shipped from '../targets.ts'
import * as errors from '../../handlers/shared/errors.ts'
import { purgeDefinitionText, renderPurge } from '../../statemachines/purge.ts'

interface State {
  readonly Type: string
  readonly Next?: string
  readonly Default?: string
  readonly End?: boolean
  readonly Resource?: string
  readonly ResultPath?: string
  readonly TimeoutSeconds?: number
  readonly MaxConcurrency?: number
  readonly Choices?: readonly { readonly Variable: string; readonly Next: string; readonly [operator: string]: unknown }[]
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[]; readonly MaxAttempts: number; readonly BackoffRate: number }[]
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly ResultPath?: string; readonly Next: string }[]
  readonly ItemProcessor?: Scope
}
interface Scope {
  readonly StartAt: string
  readonly States: Readonly<Record<string, State>>
}

const substitutions = {
  PlanPurgeArn: 'arn:aws:lambda:us-east-1:123456789012:function:plan-purge',
  ConfirmCommandArn: 'arn:aws:lambda:us-east-1:123456789012:function:confirm-command',
  PurgeCloudflareArn: 'arn:aws:lambda:us-east-1:123456789012:function:purge-cloudflare',
  ProbeEdgeArn: 'arn:aws:lambda:us-east-1:123456789012:function:probe-edge',
  NotifySlackArn: 'arn:aws:lambda:us-east-1:123456789012:function:notify-slack',
  PurgeGroupArn: 'arn:aws:lambda:us-east-1:123456789012:function:purge-group',
}
const definition = JSON.parse(renderPurge(substitutions)) as Scope & { readonly TimeoutSeconds: number; readonly QueryLanguage?: string }
const inner = definition.States['Run Commands']!.ItemProcessor!
const scopes: Record<string, Scope> = { 'the machine': definition, 'a layer': inner }
const states = Object.values(scopes).flatMap(({ States }) => Object.entries(States).map(([name, state]) => ({ name, state })))
const tasks = states.filter(({ state }) => state.Type === 'Task')
const nextOf = ({ Next, Default, Choices = [], Catch = [] }: State): string[] =>
  [Next, Default, ...Choices.map((choice) => choice.Next), ...Catch.map((each) => each.Next)].filter((name) => name !== undefined)

describe('rendering', () => {
  it('fills in every placeholder and leaves nothing else changed', () => {
    const text = renderPurge(substitutions)
    expect(text).not.toContain('${')
    const back = Object.entries(substitutions).reduce((all, [name, value]) => all.replaceAll(value, `\${${name}}`), text)
    expect(JSON.parse(back)).toEqual(JSON.parse(purgeDefinitionText()))
  })

  it('keeps the tokens of Terraform as they are', () => {
    expect(renderPurge({ ...substitutions, PlanPurgeArn: '${TfToken[TOKEN.7]}' })).toContain('"${TfToken[TOKEN.7]}"')
  })

  it('throws on a placeholder that nobody fills', () => {
    expect(() => renderPurge(substitutions, purgeDefinitionText().replace('${PlanPurgeArn}', '${NoSuchArn}'))).toThrow(/\$\{NoSuchArn\}/)
    const { PlanPurgeArn: _left, ...others } = substitutions
    expect(() => renderPurge(others as typeof substitutions)).toThrow(/PlanPurgeArn/)
    expect(() => renderPurge(substitutions, purgeDefinitionText().replace('${PlanPurgeArn}', '${toString}'))).toThrow(/toString/)
  })

  it('throws on a value that is not used', () => {
    expect(() => renderPurge({ ...substitutions, ...{ NoSuchArn: 'x' } })).toThrow(/NoSuchArn/)
    expect(() => renderPurge(substitutions, purgeDefinitionText().replaceAll('${NotifySlackArn}', 'arn:x'))).toThrow(/NotifySlackArn/)
  })

  it.each(['x${PlanPurgeArn}', '${PlanPurgeArn', '${ PlanPurgeArn }', '${Plan_Purge}'])(
    'throws on %j, which would reach AWS as it stands',
    (text) => {
      expect(() => renderPurge(substitutions, purgeDefinitionText().replace('"${PlanPurgeArn}"', JSON.stringify(text)))).toThrow(
        /PlanPurgeArn|Plan_Purge/,
      )
    },
  )
})

describe('the definition', () => {
  const validate = createRequire(import.meta.url)('asl-validator') as (definition: unknown) => {
    readonly isValid: boolean
    readonly errors: unknown[]
  }

  it('is valid by asl-validator, which does find errors', () => {
    const { isValid, errors: found } = validate(structuredClone(definition))
    expect(found).toEqual([])
    expect(isValid).toBe(true)
    const broken = structuredClone(definition) as unknown as { States: Record<string, { Next: string }> }
    broken.States['Plan Purge']!.Next = 'Nowhere'
    expect(validate(broken).isValid).toBe(false)
  })

  it('is JSONPath only, and fits in the size that AWS accepts', () => {
    expect(renderPurge(substitutions)).not.toMatch(/QueryLanguage|"Assign"|"Arguments"|"Output"|\{%/)
    expect(Buffer.byteLength(renderPurge(substitutions))).toBeLessThan(1_048_576)
  })

  it('names its states Verb Noun, each once', () => {
    const names = states.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[A-Z][a-z]+( [A-Z][a-z]+)*\??$/)
  })

  it.each(Object.entries(scopes))('reaches every state of %s', (_name, { StartAt, States }) => {
    const reached = new Set<string>()
    const visit = (name: string): void => {
      if (reached.has(name)) return
      reached.add(name)
      nextOf(States[name]!).forEach(visit)
    }
    visit(StartAt)
    expect(reached).toEqual(new Set(Object.keys(States)))
  })

  it('purges one layer at a time', () => {
    expect(definition.States['Run Commands']?.MaxConcurrency).toBe(1)
  })

  it('ends in success only after Slack was told, or where the plan wants no message', () => {
    const before = states.filter(({ state }) => nextOf(state).includes('Purged')).map(({ name }) => name)
    expect(before).toEqual(['Notify Slack'])
    expect(states.filter(({ state }) => nextOf(state).includes('Purged Quietly')).map(({ name }) => name)).toEqual([
      'Has Edge?',
      'Edge Throttled?',
      'Report Wanted?',
    ])
    expect(states.filter(({ state }) => nextOf(state).includes('Purge Failed')).map(({ name }) => name)).toEqual([
      'Notify Stale',
      'Notify Failure',
    ])
  })

  it('decides in a Choice by one field and one value', () => {
    for (const { state } of states.filter(({ state: { Type } }) => Type === 'Choice')) {
      for (const choice of state.Choices ?? []) {
        expect(Object.keys(choice)).toHaveLength(3)
        expect(Object.keys(choice)).not.toEqual(expect.arrayContaining(['And']))
      }
      expect(state.Default).toBeDefined()
    }
  })
})

describe('errors', () => {
  const own = Object.keys(errors)
  const equals = states.flatMap(({ name, state }) =>
    [...(state.Retry ?? []), ...(state.Catch ?? [])].map(({ ErrorEquals }) => ({ name, ErrorEquals })),
  )

  it('of ours that are matched on exist in the code, by the same name', () => {
    const matched = equals.flatMap(({ ErrorEquals }) => ErrorEquals).filter((name) => !name.includes('.'))
    expect(matched).toEqual(expect.arrayContaining(['InvocationsPending', 'SlackUnavailable']))
    expect(matched.filter((name) => !own.includes(name))).toEqual([])
    for (const [name, type] of Object.entries(errors)) expect(new type('x').name).toBe(name)
  })

  it('of ours are each thrown somewhere', () => {
    const source = readdirSync('handlers', { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join('handlers', file), 'utf8'))
      .join('\n')
    expect(own.filter((name) => !source.includes(`throw new ${name}(`))).toEqual([])
  })

  it('are matched with States.ALL alone and last', () => {
    for (const { state } of states) {
      for (const list of [state.Retry ?? [], state.Catch ?? []]) {
        list.forEach(({ ErrorEquals }, index) => {
          if (!ErrorEquals.includes('States.ALL')) return
          expect(ErrorEquals).toEqual(['States.ALL'])
          expect(index).toBe(list.length - 1)
        })
      }
    }
    expect(equals.some(({ ErrorEquals }) => ErrorEquals.includes('States.ALL'))).toBe(true)
  })

  /** Throttled: for minutes. Crashed, or gone without an answer: some. Broken, which is every other error: never. */
  const throttled = { IntervalSeconds: 2, MaxAttempts: 4, BackoffRate: 5 }
  const crashed = { IntervalSeconds: 2, MaxAttempts: 3, BackoffRate: 5 }
  const ofFunctions = (own: readonly string[] = []) => [
    { ErrorEquals: ['Lambda.TooManyRequestsException', 'AwsThrottled'], ...throttled },
    {
      ErrorEquals: [
        'Lambda.ServiceException',
        'Lambda.AWSLambdaException',
        'Lambda.SdkClientException',
        'Lambda.Unknown',
        'Runtime.ExitError',
        'Sandbox.Timedout',
        'States.Timeout',
        'AwsUnavailable',
        ...own,
      ],
      ...crashed,
    },
  ]
  const ofSystemsManager = [
    { ErrorEquals: ['Ssm.ThrottlingException', 'Ssm.SsmException'], ...throttled },
    { ErrorEquals: ['Ssm.InternalServerErrorException', 'Ssm.SdkClientException', 'States.Timeout'], ...crashed },
  ]
  /** What comes before the two classes: errors of one function that only it can throw. */
  const first: Readonly<Record<string, object>> = {
    'Confirm Command': { ErrorEquals: ['InvocationsPending'], IntervalSeconds: 2, MaxAttempts: 5, BackoffRate: 1.5 },
    'Notify Slack': { ErrorEquals: ['SlackUnavailable'], IntervalSeconds: 2, MaxAttempts: 5, BackoffRate: 2 },
    'Notify Stale': { ErrorEquals: ['SlackUnavailable'], IntervalSeconds: 2, MaxAttempts: 5, BackoffRate: 2 },
    'Notify Failure': { ErrorEquals: ['SlackUnavailable'], IntervalSeconds: 2, MaxAttempts: 5, BackoffRate: 2 },
  }

  it.each(tasks)('are retried by $name as by every other task: one policy for each class of error', ({ name, state }) => {
    const policy = state.Resource?.startsWith('arn:aws:states:::aws-sdk:ssm:')
      ? ofSystemsManager
      : // Whoever may have taken the message gets it again, but not often: one count for all that may double it.
        ofFunctions(name.startsWith('Notify') ? ['SlackUnconfirmed'] : [])
    expect(state.Retry).toEqual([...(first[name] ? [first[name]] : []), ...policy])
  })

  it('of throttling are outlasted for five minutes', () => {
    const { IntervalSeconds, MaxAttempts, BackoffRate } = throttled
    const waits = Array.from({ length: MaxAttempts }, (_, index) => IntervalSeconds * BackoffRate ** index)
    expect(waits.reduce((sum, wait) => sum + wait)).toBeGreaterThan(300)
  })

  it.each(tasks)('of time end $name', ({ state }) => {
    expect(state.TimeoutSeconds).toBeGreaterThan(0)
    expect(state.TimeoutSeconds).toBeLessThanOrEqual(90)
  })

  const outer = Object.entries(definition.States).flatMap(([name, state]) =>
    ['Task', 'Map'].includes(state.Type) ? [{ name, state }] : [],
  )

  it.each(outer)('of any name are caught by $name, and lose nothing of the input', ({ name, state }) => {
    const last = state.Catch?.at(-1)
    expect(last?.ErrorEquals).toEqual(['States.ALL'])
    // What readers got before it is no condition of a purge; what Probe Edge would have seen is missing, and nothing else: the purge is done.
    const after: Readonly<Record<string, string>> = { 'Probe Edge Before': 'Run Commands', 'Probe Edge': 'Report Wanted?' }
    const next = after[name] ?? (name.startsWith('Notify') ? 'Notify Failed' : 'Notify Failure')
    expect(last?.Next).toBe(next)
    expect(last?.ResultPath).toMatch(/^\$\.\w+$/)
  })
})

describe('a loop', () => {
  /** Every way from a state back to itself, without passing through `without`. */
  const onCycles = ({ States }: Scope, without: readonly string[]): string[] => {
    const reach = (from: string): Set<string> => {
      const found = new Set<string>()
      const visit = (name: string): void => {
        for (const next of nextOf(States[name]!)) {
          if (without.includes(next) || found.has(next)) continue
          found.add(next)
          visit(next)
        }
      }
      if (!without.includes(from)) visit(from)
      return found
    }
    return Object.keys(States).filter((name) => reach(name).has(name))
  }

  it('of polls always asks confirm-command, which counts, and ends first of all by the count', () => {
    expect(onCycles(inner, []).sort()).toEqual(['Command Finished?', 'Get Command Status', 'Wait For Command'])
    expect(onCycles(inner, ['Get Command Status'])).toEqual([])
    expect(inner.States['Command Finished?']?.Choices?.[0]).toEqual({
      Variable: '$.poll.count',
      NumericGreaterThanEqualsPath: '$.command.maxPolls',
      Next: 'Cancel Command',
    })
    expect(inner.States['Get Command Status']?.ResultPath).toBe('$.poll')
  })

  it('of edge turns always asks purge-cloudflare, which bounds its turns', () => {
    expect(onCycles(definition, ['Probe Edge', 'Purge Group']).sort()).toEqual(['Edge Throttled?', 'Purge Cloudflare', 'Wait For Edge'])
    expect(onCycles(definition, ['Probe Edge', 'Purge Group', 'Purge Cloudflare'])).toEqual([])
  })

  it('of double taps always asks probe-edge, which counts its rounds', () => {
    expect(onCycles(definition, ['Wait For Edge', 'Purge Group']).sort()).toEqual([
      'Edge Throttled?',
      'Has Edge?',
      'Probe Edge',
      'Purge Cloudflare',
      'Run Commands',
      'Still Stale?',
    ])
    expect(onCycles(definition, ['Wait For Edge', 'Probe Edge', 'Purge Group'])).toEqual([])
  })

  it('of a group always asks purge-group, which bounds its turns', () => {
    expect(onCycles(definition, ['Purge Cloudflare', 'Probe Edge']).sort()).toEqual(['Group Ended?', 'Purge Group', 'Wait For Group'])
    expect(onCycles(definition, ['Purge Cloudflare', 'Probe Edge', 'Purge Group'])).toEqual([])
  })

  it('always waits', () => {
    expect(onCycles(inner, ['Wait For Command'])).toEqual([])
    expect(onCycles(definition, ['Wait For Edge', 'Wait For Group', 'Probe Edge'])).toEqual([])
  })
})

describe("the execution's time", () => {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  /** What one poll takes beside its wait: the time that it asks, and three transitions, generously. */
  const secondsPerPoll = watchSeconds + 0.5
  /** 200 requests on the free plan: 25 at once, then 5 a minute, each of the waits a turn with a cold start. */
  /** Twice, for a double tap. */
  const edgeSeconds = 2 * ((200 - 25) / 5) * (60 + 2)
  const confirmSeconds = 30
  const worst = (times: { deliveryTimeoutSeconds: number; executionTimeoutSeconds: number; pollSeconds: number }, layers: number): number =>
    layers * (sum(pollWaits(times)) + maxPolls(times) * secondsPerPoll + confirmSeconds) + edgeSeconds

  it('is enough for the shipped config', () => {
    const { commands, targets } = loadConfig(shipped)
    expect(worst(commands, Math.max(...targets.map(({ layers }) => layers.length)))).toBeLessThan(definition.TimeoutSeconds)
  })

  it('is enough for every config that validation lets through', () => {
    let longest = 0
    let mostEvents = 0
    for (let layers = 1; layers <= 8; layers += 1) {
      for (let pollSeconds = 1; pollSeconds <= 60; pollSeconds += 1) {
        for (let total = 35; total <= 1500; total += 5) {
          const times = {
            deliveryTimeoutSeconds: Math.min(600, total - 5),
            executionTimeoutSeconds: total - Math.min(600, total - 5),
            pollSeconds,
          }
          if (times.executionTimeoutSeconds > 900 || pollingProblem(times, layers) !== undefined) continue
          longest = Math.max(longest, worst(times, layers))
          // Of the 25,000 events of a history: a task has five, a choice and a wait two each.
          mostEvents = Math.max(mostEvents, 9 * maxPolls(times) * layers)
        }
      }
    }
    expect(longest).toBeGreaterThan(10_000)
    expect(longest).toBeLessThan(definition.TimeoutSeconds)
    expect(mostEvents).toBeGreaterThan(15_000)
    expect(mostEvents).toBeLessThan(20_000)
  })
})
