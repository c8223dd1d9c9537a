// Runs one execution of a translated definition in aws-local-stepfunctions and says how it ended.

import { ExecutionTimeoutError } from 'aws-local-stepfunctions'
import type { Translated } from './engine-definition.ts'
import { runtimeError } from './engine-error.ts'
import { carried, createHistory, type History } from './engine-history.ts'
import { runLevel } from './engine-level.ts'
import type { PerformTask } from './engine-tasks.ts'

interface RunOptions {
  readonly definition: Translated
  /** The execution's input, as JSON text. */
  readonly input: string
  /** The Context Object: `$$.Execution` and `$$.StateMachine`. */
  readonly context: { readonly Execution: object; readonly StateMachine: object }
  readonly perform: PerformTask
  /** Multiplies every Wait; the definition was translated with the same value. */
  readonly waitScale: number
  readonly now: () => number
}

export type Ending =
  | { readonly status: 'SUCCEEDED'; readonly output: string }
  | { readonly status: 'FAILED' | 'ABORTED'; readonly error: string | undefined; readonly cause: string | undefined }
  | { readonly status: 'TIMED_OUT' }

export interface Run {
  readonly history: History
  /** Never rejects. */
  readonly ended: Promise<Ending>
  readonly abort: (error: string | undefined, cause: string | undefined) => void
}

const endedEvents = {
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  ABORTED: 'ExecutionAborted',
  TIMED_OUT: 'ExecutionTimedOut',
} as const

export const startRun = (options: RunOptions): Run => {
  const history = createHistory(options.now)
  const stopping = new AbortController()
  const { signal } = stopping
  let announce: (ending: Ending) => void
  const ended = new Promise<Ending>((resolve) => {
    announce = resolve
  })

  // The first ending counts. From then on nothing is written and no task starts, whatever the engine still does.
  const end = (ending: Ending): void => {
    if (signal.aborted) return
    const { status, ...rest } = ending
    history.add(endedEvents[status], 'output' in rest ? carried('output', rest.output) : rest)
    stopping.abort()
    announce(ending)
  }
  const fail = (error: unknown): void => {
    if (error instanceof ExecutionTimeoutError) {
      end({ status: 'TIMED_OUT' })
    } else {
      const { name, message } = error instanceof Error ? error : runtimeError(String(error))
      end({ status: 'FAILED', error: name, cause: message })
    }
  }

  history.add('ExecutionStarted', { ...carried('input', options.input), roleArn: 'arn:aws:iam::000000000000:role/local' })
  const { Execution, StateMachine } = options.context
  const level = { definition: options.definition, context: { Run: Execution, StateMachine }, stop: signal }
  const session = { history, fail, perform: options.perform, waitScale: options.waitScale }
  runLevel(session, level, JSON.parse(options.input)).then((output) => {
    end({ status: 'SUCCEEDED', output: JSON.stringify(output) })
  }, fail)
  return {
    history,
    ended,
    abort: (error, cause) => {
      end({ status: 'ABORTED', error, cause })
    },
  }
}
