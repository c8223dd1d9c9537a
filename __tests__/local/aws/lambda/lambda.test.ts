import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLambda, type Lambda, type LambdaOptions } from '../../../../local/aws/lambda/lambda.ts'
import { region, temporaryFolder } from '../fixtures.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let lambdas: Lambda[]
let lines: string[]
beforeEach(async () => {
  folder = await temporaryFolder()
  lambdas = []
  lines = []
})
afterEach(async () => {
  for (const lambda of lambdas) lambda.close()
  await folder.remove()
})

/** @param code the bundle's whole text */
const make = async (code: string, overrides: Partial<LambdaOptions> = {}): Promise<Lambda> => {
  const file = join(folder.path, 'index.mjs')
  await writeFile(file, code)
  const lambda = createLambda({
    name: 'try-it',
    file,
    region,
    awsUrl: 'http://127.0.0.1:9',
    environment: {},
    timeoutSeconds: 10,
    log: (line) => lines.push(line),
    ...overrides,
  })
  lambdas.push(lambda)
  return lambda
}
const handler = (body: string) => `export const handler = async (event, context) => { ${body} }`

test('returns what the function returns, as JSON has it', async () => {
  const lambda = await make(handler('return { event, gone: undefined, when: new Date(0) }'))
  expect(await lambda.invoke({ a: 1, b: undefined })).toEqual({
    kind: 'success',
    payload: { event: { a: 1 }, when: '1970-01-01T00:00:00.000Z' },
  })
})

test('turns undefined into null, both ways', async () => {
  expect(await (await make(handler(''))).invoke({})).toEqual({ kind: 'success', payload: null })
  expect(await (await make(handler('return event === null'))).invoke(undefined)).toEqual({ kind: 'success', payload: true })
})

test('gives the function its own environment and nothing else', async () => {
  process.env['PURGEFLOW_SECRET'] = 'leak'
  try {
    const lambda = await make(handler('return process.env'), { environment: { WEBHOOK_PARAMETER: '/p', AWS_REGION: 'lies' } })
    const result = await lambda.invoke({})
    expect(result).toMatchObject({
      payload: {
        WEBHOOK_PARAMETER: '/p',
        AWS_REGION: region,
        AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
        AWS_LAMBDA_FUNCTION_NAME: 'try-it',
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    })
    const payload = (result as { payload: Record<string, string> }).payload
    expect(
      Object.keys(payload)
        .filter((name) => !name.startsWith('AWS_'))
        .sort(),
    ).toEqual(['TZ', 'WEBHOOK_PARAMETER'])
  } finally {
    delete process.env['PURGEFLOW_SECRET']
  }
})

test('passes a context with the time that is left', async () => {
  const lambda = await make(
    handler('return { id: context.awsRequestId, name: context.functionName, left: context.getRemainingTimeInMillis() }'),
  )
  const { payload } = (await lambda.invoke({})) as { payload: { id: string; name: string; left: number } }
  expect(payload).toMatchObject({ name: 'try-it', id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string })
  expect(payload.left).toBeGreaterThan(5000)
  expect(payload.left).toBeLessThanOrEqual(10_000)
})

test.each([
  [
    'an error by its name',
    'class LayerFailed extends Error { name = "LayerFailed" }; throw new LayerFailed("no")',
    { errorType: 'LayerFailed', errorMessage: 'no' },
  ],
  ['a thrown text by its type', 'throw "plain"', { errorType: 'string', errorMessage: 'plain', trace: [] }],
  ['a result that JSON cannot hold', 'return 1n', { errorType: 'TypeError' }],
  ['a result of more than 6 MB', 'return "x".repeat(6_300_000)', { errorType: 'Function.ResponseSizeTooLarge' }],
  [
    'a rejection that nobody awaits',
    'Promise.reject(new Error("lost")); await new Promise(() => {})',
    { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'lost' },
  ],
])('reports %s', async (_, body, error) => {
  expect(await (await make(handler(body))).invoke({})).toMatchObject({ kind: 'function-error', error })
})

test('a trace begins with the error itself', async () => {
  const result = await (await make(handler('throw new RangeError("far")'))).invoke({})
  expect(result).toMatchObject({ error: { trace: expect.arrayContaining(['RangeError: far']) as string[] } })
})

test('an event of more than 6 MB never reaches the function', async () => {
  const lambda = await make(handler('return "ran"'))
  expect(await lambda.invoke('x'.repeat(6_291_455))).toMatchObject({ kind: 'refused', code: 'RequestTooLargeException' })
  expect(await lambda.invoke('x'.repeat(6_291_454))).toMatchObject({ kind: 'success' })
})

test('a function that overruns is killed, and the next event finds a fresh one', async () => {
  const lambda = await make(
    `let calls = 0; ${handler('calls++; if (event.hang) await new Promise((r) => setTimeout(r, 60000)); return calls')}`,
    { timeoutSeconds: 1 },
  )
  expect(await lambda.invoke({})).toMatchObject({ payload: 1 })
  expect(await lambda.invoke({ hang: true })).toMatchObject({
    kind: 'function-error',
    error: { errorType: 'Sandbox.Timedout', errorMessage: expect.stringMatching(/Task timed out after 1\.00 seconds$/) as string },
  })
  expect(await lambda.invoke({})).toMatchObject({ payload: 1 })
})

test('a function that blocks its event loop is killed too', async () => {
  expect(await (await make(handler('for (;;);'), { timeoutSeconds: 1 })).invoke({})).toMatchObject({
    error: { errorType: 'Sandbox.Timedout' },
  })
})

test('a function that ends its process is an exit error, and the next event finds a fresh one', async () => {
  const lambda = await make(`let calls = 0; ${handler('if (event.exit) process.exit(event.exit); return ++calls')}`)
  expect(await lambda.invoke({})).toMatchObject({ payload: 1 })
  expect(await lambda.invoke({ exit: 7 })).toMatchObject({
    error: { errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('exit status 7') as string },
  })
  expect(await lambda.invoke({})).toMatchObject({ payload: 1 })
})

test('a warm function keeps its state, and a busy one gets a neighbour', async () => {
  const lambda = await make(handler('if (event.wait) await new Promise((r) => setTimeout(r, 300)); return process.pid'))
  const pid = async (event: object) => ((await lambda.invoke(event)) as { payload: number }).payload
  const first = await pid({})
  expect(await pid({})).toBe(first)
  const [a, b] = await Promise.all([pid({ wait: true }), pid({ wait: true })])
  expect(a).not.toBe(b)
})

test('more events at once than allowed are refused', async () => {
  const lambda = await make(handler('await new Promise((r) => setTimeout(r, 300))'), { maxConcurrency: 2 })
  const results = await Promise.all([1, 2, 3].map((event) => lambda.invoke(event)))
  expect(results.map(({ kind }) => kind).sort()).toEqual(['refused', 'success', 'success'])
  expect(results.find(({ kind }) => kind === 'refused')).toMatchObject({ code: 'TooManyRequestsException' })
})

test.each([
  ['lacks a handler', 'export const other = 1', 'Runtime.HandlerNotFound'],
  ['throws when it is loaded', 'throw new RangeError("early")', 'RangeError'],
  ['is not there', undefined, 'Error'],
])('a bundle that %s is an error of the function, every time', async (_, code, errorType) => {
  const lambda = await make(code ?? '', code === undefined ? { file: join(folder.path, 'missing.mjs') } : {})
  for (let call = 0; call < 2; call++) expect(await lambda.invoke({})).toMatchObject({ kind: 'function-error', error: { errorType } })
})

test('every line that the function prints reaches the log', async () => {
  await (await make(handler('console.log("one\\ntwo"); console.error("three"); await new Promise((r) => setTimeout(r, 100))'))).invoke({})
  expect([...lines].sort()).toEqual(['one', 'three', 'two'])
})
