// Through the real SSM client, against a scripted Run Command on loopback: paging and dates come over the wire.

import { SSMClient } from '@aws-sdk/client-ssm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHandler } from '../../../handlers/confirm-command/handler.ts'
import { type HttpServer, json, serve } from '../../../local/server/http.ts'
import { aConfirmRequest, aPlannedCommand, aScriptLine, byTag, noon, recordConsole, rejectionOf } from '../factories.ts'

interface Wire {
  readonly InstanceId: string
  readonly Status?: string
  readonly StatusDetails?: string
  readonly output?: string
}

let invocations: Wire[]
let stderrs: Record<string, string>
let requests: { action: string; body: Record<string, unknown> }[]
let runCommand: HttpServer
let output: ReturnType<typeof recordConsole>

const viewInvocation = ({ InstanceId, Status = 'Success', StatusDetails = Status, output: Output = aScriptLine() }: Wire) => ({
  InstanceId,
  Status,
  StatusDetails,
  CommandId: aConfirmRequest().sent.id,
  RequestedDateTime: noon / 1000,
  CommandPlugins: [{ Name: 'aws:runShellScript', Status, Output, ResponseFinishDateTime: noon / 1000 + 4.25 }],
})

beforeEach(async () => {
  invocations = []
  stderrs = {}
  requests = []
  output = recordConsole()
  runCommand = await serve(0, ({ headers, body }) => {
    const action = String(headers['x-amz-target']).replace('AmazonSSM.', '')
    const input = JSON.parse(body.toString()) as Record<string, unknown>
    requests.push({ action, body: input })
    if (action === 'GetCommandInvocation') {
      const stderr = stderrs[String(input['InstanceId'])]
      return Promise.resolve(
        stderr === undefined
          ? json(400, { __type: 'InvocationDoesNotExist' })
          : json(200, { StandardErrorContent: stderr, Status: 'Failed' }),
      )
    }
    const from = Number(input['NextToken'] ?? 0)
    const to = from + Math.min(50, Number(input['MaxResults']))
    return Promise.resolve(
      json(200, {
        CommandInvocations: invocations.slice(from, to).map(viewInvocation),
        ...(to < invocations.length ? { NextToken: String(to) } : {}),
      }),
    )
  })
})
afterEach(async () => {
  output.restore()
  await runCommand.close()
})

const confirm = (event: unknown) =>
  createHandler({
    client: new SSMClient({
      region: 'us-east-1',
      endpoint: runCommand.url,
      maxAttempts: 1,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }),
  })(event)

const tagged = aConfirmRequest({ command: aPlannedCommand({ targets: byTag() }) })
const many = (count: number): Wire[] => Array.from({ length: count }, (_, index) => ({ InstanceId: `i-${index}` }))

describe('confirm-command', () => {
  it('counts 120 instances over three pages', async () => {
    invocations = many(120)
    const outcome = await confirm(tagged)
    expect(outcome).toMatchObject({ outcome: 'purged', files: 360, freedBytes: 120 * 2048, seconds: 4.25 })
    expect(new Set(outcome.instances.map(({ instanceId }) => instanceId)).size).toBe(120)
    expect(requests.map(({ action, body }) => [action, body['NextToken'], body['MaxResults'], body['Details'], body['CommandId']])).toEqual(
      [undefined, '50', '100'].map((token) => ['ListCommandInvocations', token, 50, true, tagged.sent.id]),
    )
  })

  it('finds the one failure on the last page, with the end of its stderr', async () => {
    invocations = [...many(119), { InstanceId: 'i-last', Status: 'Failed' }]
    stderrs = { 'i-last': `${'noise\n'.repeat(500)}purgeflow: CachePath is not a directory: /var/cache/nginx/portal\n` }
    const error = await rejectionOf(confirm(tagged))
    expect(error.name).toBe('LayerFailed')
    expect(error.message).toMatch(
      /^FastCGI failed on 1 instance\.\ni-last: the script ended as Failed:\n(noise\n|se\n|[^]){0,600}CachePath is not a directory: \/var\/cache\/nginx\/portal$/,
    )
    expect(error.message.length).toBeLessThan(800)
  })

  it('asks for five stderrs of seven failures, and for none where no script ran', async () => {
    invocations = [
      { InstanceId: 'i-offline', Status: 'Failed', StatusDetails: 'Undeliverable' },
      ...many(6).map((wire) => ({ ...wire, Status: 'Failed' })),
    ]
    stderrs = Object.fromEntries(invocations.map(({ InstanceId }) => [InstanceId, `broken on ${InstanceId}`]))
    const error = await rejectionOf(confirm(tagged))
    expect(requests.filter(({ action }) => action === 'GetCommandInvocation').map(({ body }) => body['InstanceId'])).toEqual([
      'i-0',
      'i-1',
      'i-2',
      'i-3',
    ])
    expect(error.message).toMatch(
      /^FastCGI failed on 7 instances\.\ni-offline: the command could not be delivered[^]*i-3: [^]*broken on i-3\n… and 2 more instances$/,
    )
  })

  it.each([
    'Plugin with name aws:runShellScript not found. Step name: purgeFastCGI',
    'open /var/lib/amazon/ssm/i-1/document/orchestration/_script.sh: no space left on device',
  ])("gives the agent's own reason where nothing is in stderr: %s", async (reason) => {
    invocations = [{ InstanceId: 'i-1', Status: 'Failed', output: `${reason}\n` }]
    stderrs = { 'i-1': '' }
    expect((await rejectionOf(confirm(tagged))).message).toBe(`FastCGI failed on 1 instance.\ni-1: the script ended as Failed:\n${reason}`)
  })

  it('reports a failure also where its stderr cannot be read', async () => {
    invocations = [{ InstanceId: 'i-1', Status: 'Failed' }]
    const error = await rejectionOf(confirm(tagged))
    expect(error.name).toBe('LayerFailed')
    expect(error.message).toContain(`(its stderr could not be read; see command ${tagged.sent.id} in Run Command)`)
    expect(output.text()).toContain('could not be read')
  })

  it('is pending, as an error that is worth a retry, while there is no invocation', async () => {
    const error = await rejectionOf(confirm(tagged))
    expect(error.name).toBe('InvocationsPending')
    expect(error.message).toBe('FastCGI: Run Command shows no final state for tag:Site=main. It may have been purged there or not.')
  })

  it('fails where the tag matches nothing', async () => {
    const error = await rejectionOf(confirm({ ...tagged, poll: { statuses: ['Success'], details: ['NoInstancesInTag'] } }))
    expect(error.name).toBe('LayerFailed')
    expect(error.message).toContain('no instance matches, so nothing was purged')
  })

  it('says that it gave up where the command was cancelled, and judges what was done until then', async () => {
    invocations = [{ InstanceId: 'i-1' }, { InstanceId: 'i-2', Status: 'Cancelled' }]
    stderrs = { 'i-2': '' }
    const error = await rejectionOf(confirm({ ...tagged, cancel: { requested: true } }))
    expect(error.message).toBe('FastCGI did not end in time and was cancelled on 1 instance.\ni-2: cancelled before it ended')

    invocations = [{ InstanceId: 'i-1' }]
    expect((await confirm({ ...tagged, cancel: { Error: 'Ssm.SsmException', Cause: 'x' } })).outcome).toBe('purged')
  })

  it('lets an error of AWS itself through under its own name', async () => {
    await runCommand.close()
    runCommand = await serve(0, () => Promise.resolve(json(400, { __type: 'InvalidCommandId', message: 'no such command' })))
    expect((await rejectionOf(confirm(tagged))).name).toBe('InvalidCommandId')
  })

  it.each([undefined, null, {}, { command: { id: 'x' } }, { ...tagged, command: { ...tagged.command, maxPolls: 'many' } }])(
    'refuses the input %j',
    async (event) => {
      expect((await rejectionOf(confirm(event))).name).toBe('ZodError')
      expect(requests).toEqual([])
    },
  )
})
