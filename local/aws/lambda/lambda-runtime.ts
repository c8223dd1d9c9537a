// The process in which one function runs: loads its bundle, then answers one event at a time. Everything travels as JSON text, as at AWS.

import { pathToFileURL } from 'node:url'
import * as z from 'zod'

const Invocation = z.object({ requestId: z.string(), payload: z.string(), deadline: z.number() })
type Handler = (event: unknown, context: unknown) => unknown

const maxResponseBytes = 6_291_556

const describe = (error: unknown): object =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') ?? [] }
    : { errorType: typeof error, errorMessage: String(error), trace: [] }

/** @param then runs when the message has left, which a process that ends must wait for */
const send = (message: object, then: () => void = () => undefined): void => {
  process.send?.(message, undefined, undefined, then)
}

const isHandler = (value: unknown): value is Handler => typeof value === 'function'

const load = async (file: string): Promise<Handler> => {
  const loaded: unknown = await import(pathToFileURL(file).href)
  const handler = typeof loaded === 'object' && loaded !== null && 'handler' in loaded ? loaded.handler : undefined
  if (isHandler(handler)) return handler
  throw Object.assign(new Error('index.handler is undefined or not exported'), { name: 'Runtime.HandlerNotFound' })
}

const invoke = async (handler: Handler, { requestId, payload, deadline }: z.infer<typeof Invocation>): Promise<object> => {
  const functionName = process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? ''
  const context = {
    awsRequestId: requestId,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${process.env['AWS_REGION'] ?? ''}:000000000000:function:${functionName}`,
    memoryLimitInMB: '256',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  }
  try {
    const event: unknown = JSON.parse(payload)
    const result = await handler(event, context)
    const text = JSON.stringify(result ?? null)
    if (Buffer.byteLength(text) <= maxResponseBytes) return { result: text }
    const errorMessage = `Response payload size exceeded maximum allowed payload size (${maxResponseBytes} bytes).`
    return { error: { errorType: 'Function.ResponseSizeTooLarge', errorMessage, trace: [] } }
  } catch (error) {
    return { error: describe(error) }
  }
}

const die = (errorType: string, error: unknown): void => {
  send({ error: { ...describe(error), errorType } }, () => process.exit(128))
}

process.on('unhandledRejection', (error) => {
  die('Runtime.UnhandledPromiseRejection', error)
})
process.on('uncaughtException', (error) => {
  die(error.name, error)
})
process.on('disconnect', () => process.exit())
// A Ctrl-C in the terminal reaches every process; when this one ends is its parent's business.
process.on('SIGINT', () => undefined)

try {
  const handler = await load(process.argv[2] ?? '')
  process.on('message', (message) => {
    void invoke(handler, Invocation.parse(message)).then((answer) => {
      send(answer)
    })
  })
  send({ ready: true })
} catch (error) {
  send({ error: describe(error) }, () => process.exit(1))
}
