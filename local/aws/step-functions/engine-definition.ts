// Translates a definition for aws-local-stepfunctions 3.0.0. The engine keeps the order, paths, choices, retries and catches;
// what it does otherwise than Step Functions becomes a task of ours:
//   Map    it starts later items after one has failed, and shows an iteration the item as $$.Execution.Input
//   Wait   its waits cannot be scaled without losing a computed length
//   [*]    see engine-selector.ts
// and two spellings change: {"IsPresent": false}, which never matches there, and $$.Execution, which it overwrites.

import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions'
import * as z from 'zod'
import { Choice, Machine, MapState, State, Task, Wait, type StateType } from './engine-asl.ts'
import { selectorFor } from './engine-selector.ts'

/** What is to be done when the engine reaches a state that we run ourselves. */
export type Work =
  | {
      readonly kind: 'task'
      readonly resource: string
      readonly timeoutSeconds: number | undefined
      readonly select: ((result: unknown) => unknown) | undefined
    }
  | { readonly kind: 'wait' }
  | { readonly kind: 'map'; readonly iteration: Translated; readonly maxConcurrency: number }

export interface Translated {
  readonly engine: StateMachine
  /** By state name. */
  readonly work: ReadonlyMap<string, Work>
  readonly types: ReadonlyMap<string, StateType>
}

/** The first state of an iteration, which applies the ItemSelector. Not a name that a definition can hold: the limit is 80 characters. */
export const selectItem = 'Select Item'.padEnd(81)

/** Longer than any task of ours, and the most that a timer takes. The engine's own default is 60. */
const unlimitedSeconds = 2_000_000

const Definition = z.custom<StateMachineDefinition>((value) => Machine.safeParse(value).success)
const Rule = z.record(z.string(), z.unknown())

const without = (value: object, ...keys: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)))

const translateRule = (rule: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const nested = Object.fromEntries(
    Object.entries(rule).map(([key, value]) => {
      if (key === 'And' || key === 'Or') return [key, z.array(Rule).parse(value).map(translateRule)]
      return [key, key === 'Not' ? translateRule(Rule.parse(value)) : value]
    }),
  )
  if (rule['IsPresent'] !== false) return nested
  const { Next } = nested
  return { Not: { ...without(nested, 'Next'), IsPresent: true }, ...(Next === undefined ? {} : { Next }) }
}

const translateWait = (state: State): object => {
  // Strict: a wait until a timestamp, or one with paths of its own, has no translation yet.
  const wait = Wait.parse(state)
  const Parameters = wait.SecondsPath === undefined ? { seconds: wait.Seconds } : { 'seconds.$': wait.SecondsPath }
  return { ...without(wait, 'Seconds', 'SecondsPath'), Type: 'Task', Parameters, ResultPath: null, TimeoutSeconds: unlimitedSeconds }
}

const translateMap = (state: State): object => {
  const map = MapState.parse(state)
  const task = without(map, 'ItemProcessor', 'ItemSelector', 'ItemsPath', 'MaxConcurrency')
  return { ...task, Type: 'Task', Parameters: { 'items.$': map.ItemsPath, 'input.$': '$' }, TimeoutSeconds: unlimitedSeconds }
}

const iterationOf = (state: State, waitScale: number): Work => {
  const { ItemProcessor, ItemSelector, MaxConcurrency } = MapState.parse(state)
  const select = ItemSelector ? { Parameters: ItemSelector } : { Parameters: { 'item.$': '$$.Map.Item.Value' }, OutputPath: '$.item' }
  const first = State.parse({ Type: 'Pass', ...select, Next: ItemProcessor.StartAt })
  const machine = { ...ItemProcessor, StartAt: selectItem, States: { ...ItemProcessor.States, [selectItem]: first } }
  return { kind: 'map', iteration: translate(machine, waitScale), maxConcurrency: MaxConcurrency }
}

const workOf = (name: string, state: State, waitScale: number): Work | undefined => {
  switch (state.Type) {
    case 'Task': {
      const { Resource, TimeoutSeconds, ResultSelector } = Task.parse(state)
      return { kind: 'task', resource: Resource, timeoutSeconds: TimeoutSeconds, select: selectorFor(ResultSelector) }
    }
    case 'Wait':
      return { kind: 'wait' }
    case 'Map':
      return iterationOf(state, waitScale)
    case 'Parallel':
      throw new Error(`${name}: the local engine does not run Parallel states`)
    case 'Pass':
    case 'Choice':
    case 'Succeed':
    case 'Fail':
      return undefined
  }
}

const translateState = (state: State, work: Work | undefined): object => {
  if (work?.kind === 'wait') return translateWait(state)
  if (work?.kind === 'map') return translateMap(state)
  if (work?.kind === 'task') {
    const { ResultSelector, ...task } = Task.parse(state)
    return {
      ...task,
      ...(work.select || ResultSelector === undefined ? {} : { ResultSelector }),
      TimeoutSeconds: task.TimeoutSeconds ?? unlimitedSeconds,
    }
  }
  if (state.Type !== 'Choice') return state
  const choice = Choice.parse(state)
  return { ...choice, Choices: choice.Choices.map(translateRule) }
}

const scaleRetry = (state: State, scale: number): State =>
  state.Retry === undefined
    ? state
    : {
        ...state,
        Retry: state.Retry.map((retrier) => ({
          ...retrier,
          IntervalSeconds: retrier.IntervalSeconds * scale,
          ...(retrier.MaxDelaySeconds === undefined ? {} : { MaxDelaySeconds: retrier.MaxDelaySeconds * scale }),
        })),
      }

const translate = (machine: Machine, waitScale: number): Translated => {
  const states = Object.entries(machine.States)
  const work = new Map(
    states.flatMap(([name, state]): [string, Work][] => {
      const ours = workOf(name, state, waitScale)
      return ours ? [[name, ours]] : []
    }),
  )
  const translated = states.map(([name, state]): [string, object] => [name, translateState(scaleRetry(state, waitScale), work.get(name))])
  const text = JSON.stringify({ ...machine, States: Object.fromEntries(translated) }).replaceAll('$$.Execution', () => '$$.Run')
  const definition: unknown = JSON.parse(text)
  return {
    engine: new StateMachine(Definition.parse(definition), { validationOptions: { noValidate: true } }),
    work,
    types: new Map(states.map(([name, state]) => [name, state.Type])),
  }
}

/**
 * @param text the definition as it is deployed, placeholders filled in
 * @param waitScale multiplies every Wait and every retry interval; 1 is real time
 * @throws when the definition is not valid, or uses what this engine would run otherwise than Step Functions
 */
export const translateDefinition = (text: string, waitScale: number): Translated => {
  const original: unknown = JSON.parse(text)
  // The engine's own validator, on a copy: it writes its defaults into what it checks.
  new StateMachine(Definition.parse(structuredClone(original)))
  if (/"(Assign|QueryLanguage)":/.test(text)) throw new Error('the local engine ignores Assign and JSONata')
  if (/"ResultPath":\s*"\$"/.test(text))
    throw new Error('the local engine takes "ResultPath": "$" for a key named $: leave it out, it is the default')
  return translate(Machine.parse(original), waitScale)
}
