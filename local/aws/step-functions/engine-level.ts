// Runs a definition, or one iteration of a Map, in the engine, and does the work of the states that we run ourselves.

import { setImmediate as eventLoopTurn, setTimeout as sleep } from 'node:timers/promises'
import { ExecutionError, ExecutionTimeoutError } from 'aws-local-stepfunctions'
import * as z from 'zod'
import type { Translated, Work } from './engine-definition.ts'
import { runtimeError, StateError } from './engine-error.ts'
import { recordEvents } from './engine-events.ts'
import type { History } from './engine-history.ts'
import { runItems } from './engine-map.ts'
import type { PerformTask } from './engine-tasks.ts'

/** What all levels of one execution share. */
interface Session {
  readonly history: History
  readonly perform: PerformTask
  readonly waitScale: number
  /** Ends the whole execution at once: for errors that no Catch may get. */
  readonly fail: (error: unknown) => void
}

interface Level {
  readonly definition: Translated
  readonly context: Readonly<Record<string, unknown>>
  /** Fires when nothing of this level may run any more. */
  readonly stop: AbortSignal
}

const Json = z.json()
const WaitInput = z.object({ seconds: z.int().min(0).max(99_999_999) })
const MapInput = z.object({ items: z.array(z.unknown()), input: z.unknown() })
type Handler = (payload: unknown) => Promise<z.infer<typeof Json>>

const longestTimerMs = 2_147_483_647

const stopped = (): StateError => new StateError('States.TaskFailed', 'stopped: nothing of this execution may run any more', true)

const unlessStopped = <T>(stop: AbortSignal, work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const onStop = (): void => {
      reject(stopped())
    }
    stop.addEventListener('abort', onStop)
    void work.then(resolve, reject).finally(() => {
      stop.removeEventListener('abort', onStop)
    })
  })

/** The error of the state that failed. What the engine throws by mistake is none that a definition could catch. */
const causeOf = (error: unknown): Error => {
  const cause = error instanceof ExecutionError ? error.cause : error
  if (cause instanceof ExecutionTimeoutError || (cause instanceof Error && 'isCatchable' in cause)) return cause
  return runtimeError(cause instanceof Error ? cause.message : String(cause))
}

const wait = async (session: Session, level: Level, input: unknown): Promise<null> => {
  const parsed = WaitInput.safeParse(input)
  if (!parsed.success) throw runtimeError(`The seconds of a Wait must be a whole number from 0 to 99999999, not ${JSON.stringify(input)}`)
  await sleep(Math.min(parsed.data.seconds * 1000 * session.waitScale, longestTimerMs), undefined, { signal: level.stop }).catch(() => {
    throw stopped()
  })
  return null
}

const runMap = async (session: Session, level: Level, name: string, work: Work & { kind: 'map' }, payload: unknown): Promise<unknown[]> => {
  const parsed = MapInput.safeParse(payload)
  if (!parsed.success) throw runtimeError(`${name}: ItemsPath does not lead to a list`)
  const { items, input } = parsed.data
  const { history } = session
  const siblings = new AbortController()
  const stop = AbortSignal.any([level.stop, siblings.signal])
  const record = (type: string, details?: object): void => {
    if (!level.stop.aborted) history.add(type, details)
  }
  record('MapStateStarted', { length: items.length })
  const runItem = async (item: unknown, index: number): Promise<unknown> => {
    record('MapIterationStarted', { name, index })
    const context = { ...level.context, Map: { Item: { Index: index, Value: item } } }
    try {
      const result = await runLevel(session, { definition: work.iteration, context, stop }, input)
      record('MapIterationSucceeded', { name, index })
      return result
    } catch (error) {
      record('MapIterationFailed', { name, index })
      throw error
    }
  }
  try {
    const results = await runItems(items, work.maxConcurrency, runItem, () => {
      siblings.abort()
    })
    record('MapStateSucceeded')
    return results
  } catch (error) {
    record('MapStateFailed')
    throw error
  }
}

/** @throws StateError with the name that ErrorEquals matches; rejects with an ExecutionTimeoutError when the definition's own time is up */
export const runLevel = async (session: Session, level: Level, input: unknown): Promise<unknown> => {
  const { definition, context, stop } = level
  // Each start of a task makes a new one of these; a task that has timed out may end later, and is no longer heard.
  let task = { isLive: false }

  const perform = (work: Work & { kind: 'task' }, payload: unknown): Promise<unknown> => {
    const mine = { isLive: true }
    task = mine
    const { history } = session
    const add: History['add'] = (type, details) => {
      if (mine.isLive && !stop.aborted) history.add(type, details)
    }
    return session.perform({ resource: work.resource, input: payload, timeoutSeconds: work.timeoutSeconds }, { ...history, add })
  }

  const handle = async (name: string, work: Work, payload: unknown): Promise<z.infer<typeof Json>> => {
    // By the next turn of the event loop the history holds everything up to the entry of this state, and has judged its size.
    await eventLoopTurn()
    if (stop.aborted) throw stopped()
    if (work.kind === 'wait') return wait(session, level, payload)
    if (work.kind === 'map') return Json.parse(await runMap(session, level, name, work, payload))
    const result = await unlessStopped(stop, perform(work, payload))
    return Json.parse(work.select ? work.select(result) : result)
  }

  if (stop.aborted) throw stopped()
  const handlers = [...definition.work].map(([name, work]): [string, Handler] => [name, (payload) => handle(name, work, payload)])
  const taskResourceLocalHandlers = Object.fromEntries(handlers)
  const run = definition.engine.run(Json.parse(input), { context, overrides: { taskResourceLocalHandlers } })
  stop.addEventListener('abort', run.abort)
  const onTimeout = (): void => {
    task.isLive = false
  }
  const recorded = recordEvents({ definition, history: session.history, stop, fail: session.fail, onTimeout }, run.eventLogs)
  try {
    return await run.result
  } catch (error) {
    throw causeOf(error)
  } finally {
    stop.removeEventListener('abort', run.abort)
    await recorded
  }
}
