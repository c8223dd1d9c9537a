// Emulates Lambda for one function: runs its built bundle in child processes that hold nothing but the function's own environment.

import { devNull } from 'node:os'
import { startSandbox, type FunctionError, type Sandbox } from './lambda-sandbox.ts'

export interface LambdaOptions {
  readonly name: string
  /** The built bundle: dist/<name>/index.mjs, absolute. */
  readonly file: string
  readonly region: string
  /** Where the function finds AWS. */
  readonly awsUrl: string
  /** The variables that are configured for the function. */
  readonly environment: Readonly<Record<string, string>>
  readonly timeoutSeconds: number
  /** Gets every line that the function prints. */
  readonly log: (line: string) => void
  /** How many events are worked on at the same time; more are refused. */
  readonly maxConcurrency?: number
}

export type InvokeResult =
  | { readonly kind: 'success'; readonly payload: unknown }
  | { readonly kind: 'function-error'; readonly error: FunctionError }
  /** Lambda itself said no; the function has not run. */
  | { readonly kind: 'refused'; readonly code: 'TooManyRequestsException' | 'RequestTooLargeException'; readonly message: string }

export interface Lambda {
  invoke(event: unknown): Promise<InvokeResult>
  /** Kills every process of the function. */
  close(): void
}

const maxRequestBytes = 6_291_456

export const createLambda = (options: LambdaOptions): Lambda => {
  const environment = {
    ...options.environment,
    AWS_REGION: options.region,
    AWS_LAMBDA_FUNCTION_NAME: options.name,
    AWS_ENDPOINT_URL: options.awsUrl,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_EC2_METADATA_DISABLED: 'true',
    // The developer's own ~/.aws must not reach a function.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    TZ: 'UTC',
  }
  const sandboxes = new Set<Sandbox>()
  const idle: Sandbox[] = []
  const bound = options.maxConcurrency ?? 8

  const take = (): Sandbox | undefined => {
    for (let sandbox = idle.pop(); sandbox; sandbox = idle.pop()) {
      if (sandbox.isAlive()) return sandbox
      sandboxes.delete(sandbox)
    }
    if (sandboxes.size >= bound) return undefined
    const fresh = startSandbox({ file: options.file, environment, timeoutSeconds: options.timeoutSeconds, log: options.log })
    sandboxes.add(fresh)
    return fresh
  }

  return {
    invoke: async (event) => {
      const payload = JSON.stringify(event ?? null)
      const bytes = Buffer.byteLength(payload)
      if (bytes > maxRequestBytes) {
        return {
          kind: 'refused',
          code: 'RequestTooLargeException',
          message: `${bytes} byte payload is too large for the RequestResponse invocation type (limit ${maxRequestBytes} bytes)`,
        }
      }
      const sandbox = take()
      if (!sandbox) return { kind: 'refused', code: 'TooManyRequestsException', message: 'Rate Exceeded.' }
      const answer = await sandbox.invoke(payload)
      if (sandbox.isAlive()) idle.push(sandbox)
      else sandboxes.delete(sandbox)
      if ('error' in answer) return { kind: 'function-error', error: answer.error }
      const result: unknown = JSON.parse('result' in answer ? answer.result : 'null')
      return { kind: 'success', payload: result }
    },
    close: () => {
      for (const sandbox of sandboxes) sandbox.kill()
    },
  }
}
