// The exported handlers themselves, with the real AWS clients, against a scripted AWS on loopback.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { handler } from '../../../handlers/slack-command/handler.ts'
import { type HttpReply, type HttpServer, json, never, serve } from '../../../local/server/http.ts'
import { aForm, aSlackEvent, recordConsole, signingSecret } from '../factories.ts'

let aws: HttpServer
let starts: { name: string; input: string; stateMachineArn: string }[]
let answerStart: () => Promise<HttpReply>
let output: ReturnType<typeof recordConsole>

beforeEach(async () => {
  starts = []
  aws = await serve(0, async ({ headers, body }) => {
    const request = JSON.parse(body.toString()) as { Names: string[] } & (typeof starts)[number]
    if (headers['x-amz-target'] === 'AmazonSSM.GetParameters') {
      return json(200, { Parameters: [{ Name: '/purgeflow/slack/signing-secret', Value: `${signingSecret}\n` }], InvalidParameters: [] })
    }
    starts.push(request)
    return answerStart()
  })
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local')
  vi.stubEnv('SECRETS_REGION', 'us-east-1')
  vi.stubEnv('STATE_MACHINE_ARNS', '{"us-east-1":"arn:aws:states:us-east-1:123456789012:stateMachine:purgeflow"}')
  output = recordConsole()
})
afterEach(async () => {
  output.restore()
  vi.unstubAllEnvs()
  await aws.close()
})

const send = async (trigger_id: string): Promise<string> => {
  const answer = await handler(aSlackEvent({ body: aForm({ trigger_id }), timestamp: String(Math.floor(Date.now() / 1000)) }))
  expect(answer.statusCode).toBe(200)
  expect(output.text()).not.toContain(signingSecret)
  return (JSON.parse(answer.body ?? '') as { text: string }).text
}

// One test: the exported handler builds its clients once, for the first endpoint that it sees.
describe('slack-command as Lambda runs it', () => {
  it('starts an execution, takes "it exists already" for success, and answers in time when AWS fails or hangs', async () => {
    answerStart = () => Promise.resolve(json(200, { executionArn: 'arn:x', startDate: 1 }))
    expect(await send('1.1')).toContain('is clearing the caches')
    expect(starts).toMatchObject([
      {
        stateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:purgeflow',
        name: expect.stringMatching(/^slack-portal-[0-9a-f]{32}$/) as string,
      },
    ])

    answerStart = () => Promise.resolve(json(400, { __type: 'com.amazonaws.states#ExecutionAlreadyExists', message: 'exists' }))
    expect(await send('1.1')).toContain('is clearing the caches')
    expect(starts[1]?.name).toBe(starts[0]?.name)

    answerStart = () => Promise.resolve(json(400, { __type: 'AccessDeniedException', message: 'no' }))
    expect(await send('1.2')).toMatch(/^AWS did not confirm/)

    answerStart = never
    const before = performance.now()
    expect(await send('1.3')).toMatch(/^AWS did not confirm/)
    const elapsed = performance.now() - before
    expect(elapsed).toBeGreaterThan(2000)
    expect(elapsed).toBeLessThan(3000)
  })
})
