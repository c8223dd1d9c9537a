// One child process of a function: started, given one event at a time, and killed when it overruns its time.

import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import * as z from 'zod'

/** As Lambda hands it to Step Functions in an error's Cause. */
export const FunctionError = z.object({ errorType: z.string(), errorMessage: z.string(), trace: z.array(z.string()).default([]) })
export type FunctionError = z.infer<typeof FunctionError>

const Answer = z.union([z.object({ ready: z.literal(true) }), z.object({ result: z.string() }), z.object({ error: FunctionError })])
type Answer = z.infer<typeof Answer>

export interface Sandbox {
  /** False after a crash, a time-out or kill(). */
  readonly isAlive: () => boolean
  /** The first call waits for the bundle to load. Never rejects. */
  invoke(payload: string): Promise<Answer>
  kill(): void
}

interface SandboxOptions {
  readonly file: string
  readonly environment: Readonly<Record<string, string>>
  readonly timeoutSeconds: number
  /** One line that the function printed. */
  readonly log: (line: string) => void
}

/** Lambda's own limit for loading a function. */
const initSeconds = 10

const failure = (errorType: string, requestId: string, message: string): Answer => ({
  error: { errorType, errorMessage: `RequestId: ${requestId} Error: ${message}`, trace: [] },
})

export const startSandbox = (options: SandboxOptions): Sandbox => {
  const child = fork(new URL('./lambda-runtime.ts', import.meta.url), [options.file], {
    env: options.environment,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', options.log)
  }

  let alive = true
  let answered: ((answer: Answer) => void) | undefined
  let timer: NodeJS.Timeout | undefined
  let requestId = randomUUID()
  const settle = (answer: Answer): void => {
    clearTimeout(timer)
    answered?.(answer)
    answered = undefined
  }
  const kill = (): void => {
    alive = false
    child.kill('SIGKILL')
  }
  const expect = (limitSeconds: number): Promise<Answer> =>
    new Promise((resolve) => {
      answered = resolve
      timer = setTimeout(() => {
        kill()
        settle(failure('Sandbox.Timedout', requestId, `Task timed out after ${limitSeconds.toFixed(2)} seconds`))
      }, limitSeconds * 1000)
    })

  child.on('message', (message) => {
    settle(Answer.parse(message))
  })
  child.on('error', (error) => {
    alive = false
    settle(failure('Runtime.ExitError', requestId, `the local runtime could not start: ${error.message}`))
  })
  child.on('exit', () => {
    alive = false
  })
  // Not 'exit': the child's last output may still be on their way.
  child.on('close', (code, signal) => {
    const reason =
      code === 0
        ? 'Runtime exited without providing a reason'
        : `Runtime exited with error: ${signal ? `signal: ${signal}` : `exit status ${String(code)}`}`
    settle(failure('Runtime.ExitError', requestId, reason))
  })

  const loaded = expect(initSeconds)
  return {
    isAlive: () => alive,
    invoke: async (payload) => {
      const start = await loaded
      if ('error' in start) {
        kill()
        return start
      }
      if (!alive) return failure('Runtime.ExitError', requestId, 'Runtime exited without providing a reason')
      requestId = randomUUID()
      const answer = expect(options.timeoutSeconds)
      child.send({ requestId, payload, deadline: Date.now() + options.timeoutSeconds * 1000 })
      return answer
    },
    kill,
  }
}
