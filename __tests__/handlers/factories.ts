// What the handlers are called with, in small. Every factory gives something valid; a test changes what it is about.

import { createHmac } from 'node:crypto'
import { inspect } from 'node:util'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { vi } from 'vitest'
import type { ConfirmRequest } from '../../handlers/confirm-command/schema.ts'
import type { LayerOutcome } from '../../statemachines/data/outcome.ts'
import type { Invocation } from '../../handlers/confirm-command/core.ts'
import { planPurge } from '../../handlers/plan-purge/core.ts'
import type { PlannedCommand } from '../../statemachines/data/command.ts'
import type { Plan } from '../../statemachines/data/plan.ts'
import type { EdgeProgress } from '../../statemachines/data/edge.ts'
import type { ReadSecrets } from '../../handlers/shared/secrets.ts'
import { aConfig } from '../config/a-config.ts'

/** 2026-11-21T12:00:00Z in epoch milliseconds. */
export const noon = Date.UTC(2026, 10, 21, 12)

export const signingSecret = '8f742231b10e8888abcd99yyyzzz85a5'

export const sign = (secret: string, timestamp: string, body: string | Buffer): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`

export const aForm = (changes: Record<string, string> = {}): string =>
  new URLSearchParams({
    command: '/clear-cache',
    text: 'portal',
    response_url: 'https://hooks.slack.com/commands/T1/2/3',
    trigger_id: '398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
    user_id: 'U2CERLKJA',
    user_name: 'ann',
    channel_id: 'C0123456789',
    channel_name: 'privategroup',
    ...changes,
  }).toString()

export interface SlackEventChanges {
  readonly body?: string | Buffer
  readonly method?: string
  /** Epoch seconds. */
  readonly timestamp?: string
  readonly secret?: string
  readonly base64?: boolean
  /** Replaces a header; undefined removes it. */
  readonly headers?: Record<string, string | undefined>
}

/** A slash command as API Gateway hands it over, signed at noon. */
export const aSlackEvent = ({
  body = aForm(),
  method = 'POST',
  timestamp = String(noon / 1000),
  secret = signingSecret,
  base64 = true,
  headers = {},
}: SlackEventChanges = {}): APIGatewayProxyEventV2 => {
  const all: Record<string, string | undefined> = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-signature': sign(secret, timestamp, body),
    'x-slack-request-timestamp': timestamp,
    ...headers,
  }
  return {
    version: '2.0',
    routeKey: 'POST /slack/commands',
    rawPath: '/slack/commands',
    rawQueryString: '',
    headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
    requestContext: {
      accountId: '123456789012',
      apiId: 'a1b2c3',
      domainName: 'a1b2c3.execute-api.us-east-1.amazonaws.com',
      domainPrefix: 'a1b2c3',
      http: { method, path: '/slack/commands', protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'Slackbot 1.0' },
      requestId: 'r-1',
      routeKey: 'POST /slack/commands',
      stage: '$default',
      time: '21/Nov/2026:12:00:00 +0000',
      timeEpoch: noon,
    },
    body: base64 ? Buffer.from(body).toString('base64') : body.toString(),
    isBase64Encoded: base64,
  }
}

export const aPlan = (request: unknown = { target: 'portal' }): Plan => planPurge(request, aConfig())

export const aPlannedCommand = (changes: Partial<PlannedCommand> = {}): PlannedCommand => ({ ...aPlan().commands[1]!, ...changes })

export const anEdgeProgress = (changes: Partial<EdgeProgress> = {}): EdgeProgress => ({ ...aPlan().edge!, ...changes })

export const aScriptLine = (changes: Record<string, unknown> = {}): string =>
  `${JSON.stringify({ action: 'deleted', freedBytes: 2048, files: 3, detail: 'The cached files are deleted; nginx reloaded.', ...changes })}\n`

export const anInvocation = (instanceId: string, changes: Partial<Invocation> & { readonly output?: string } = {}): Invocation => {
  const { output = aScriptLine(), ...rest } = changes
  return {
    InstanceId: instanceId,
    Status: 'Success',
    StatusDetails: 'Success',
    RequestedDateTime: new Date(noon),
    CommandPlugins: [{ Output: output, ResponseFinishDateTime: new Date(noon + 2000) }],
    ...rest,
  }
}

export const byIds = (...ids: string[]): PlannedCommand['targets'] => [{ Key: 'InstanceIds', Values: ids }]
export const byTag = (): PlannedCommand['targets'] => [{ Key: 'tag:Site', Values: ['main'] }]

export const aConfirmRequest = (changes: Partial<ConfirmRequest> = {}): ConfirmRequest => ({
  command: aPlannedCommand({ targets: byIds('i-0a1b2c3d4e5f60718') }),
  sent: { id: '0d2b1c3e-0000-4000-8000-000000000001' },
  poll: { statuses: ['Success'], details: ['Success'], targetCounts: [1] },
  ...changes,
})

export const anOutcome = (changes: Partial<LayerOutcome> = {}): LayerOutcome => ({
  id: 'w3-total-cache',
  label: 'W3 Total Cache',
  outcome: 'purged',
  commandId: '0d2b1c3e-0000-4000-8000-000000000001',
  seconds: 1.5,
  freedBytes: 4096,
  files: 7,
  instances: [
    { instanceId: 'i-0a1b2c3d4e5f60718', action: 'flushed', freedBytes: 4096, files: 7, detail: 'W3 Total Cache flushed all its caches.' },
  ],
  ...changes,
})

export const someSecrets =
  (values: Record<string, string>): ReadSecrets =>
  (names) =>
    Promise.resolve(new Map(names.flatMap((name): [string, string][] => (values[name] === undefined ? [] : [[name, values[name]]]))))

/** Keeps what goes to the console, as deeply as it can be seen there, and keeps it off the terminal. */
export const recordConsole = (): { readonly text: () => string; readonly restore: () => void } => {
  const lines: string[] = []
  const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((method) =>
    vi.spyOn(console, method).mockImplementation((...values: unknown[]) => {
      lines.push(values.map((value) => inspect(value, { depth: 20, showHidden: true })).join(' '))
    }),
  )
  return {
    text: () => lines.join('\n'),
    restore: () => {
      for (const spy of spies) spy.mockRestore()
    },
  }
}

/** What `run` rejects with. */
export const rejectionOf = async (run: Promise<unknown>): Promise<Error> => {
  const [result] = await Promise.allSettled([run])
  if (result.status === 'fulfilled') throw new Error(`it resolved to ${JSON.stringify(result.value)}`)
  if (!(result.reason instanceof Error)) throw new Error('it rejected with something that is not an Error')
  return result.reason
}
