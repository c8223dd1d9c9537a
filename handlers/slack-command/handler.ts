// POST /slack/commands: verifies that Slack sent the request, starts the purge in the target's region, answers within three seconds.

import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn'
import { SSMClient } from '@aws-sdk/client-ssm'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { loadConfig } from '../../config/load.ts'
import type { Config } from '../../config/schema.ts'
import targets from '../../config/targets.ts'
import { lazily, requiredEnvironment } from '../shared/lazily.ts'
import { createSecretReader, type ReadSecrets } from '../shared/secrets.ts'
import type { Decision, SlackReply } from './commands/command.ts'
import { decide } from './core.ts'
import { SlashCommand, StateMachineArns } from './schema.ts'
import { shapeProblem, signatureProblem } from './signature.ts'

type Start = Extract<Decision, { kind: 'start' }>

export interface Deps {
  readonly config: Config
  readonly readSecrets: ReadSecrets
  /** Resolves also when an execution of this name exists already. */
  readonly startExecution: (start: Pick<Start, 'region' | 'executionName' | 'input'>, signal: AbortSignal) => Promise<void>
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** Slack's forms have about 1 KB. */
const maxBodyBytes = 32 * 1024
/** Slack gives up after 3000 ms; some of that is the network's. */
const answerWithinMs = 2500

const plain = (statusCode: number, body = ''): APIGatewayProxyStructuredResultV2 => ({
  statusCode,
  body,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
})

const slack = (reply: SlackReply): APIGatewayProxyStructuredResultV2 => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(reply),
})

const unreachable: SlackReply = {
  response_type: 'ephemeral',
  text: 'purgeflow could not check that this command comes from Slack, so nothing was started. Its operator finds the reason in the log of slack-command.',
}

const notSetUp: SlackReply = {
  response_type: 'ephemeral',
  text: 'purgeflow is not set up correctly, so nothing was started. Its operator finds the reason in the log of slack-command.',
}

/** The body's bytes, or undefined where they are not a form. */
const formOf = (rawBody: Buffer): URLSearchParams | undefined => {
  try {
    return new URLSearchParams(new TextDecoder('utf-8', { fatal: true }).decode(rawBody))
  } catch {
    return undefined
  }
}

export const createHandler =
  ({ config, readSecrets, startExecution, now }: Deps) =>
  async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    const signal = AbortSignal.timeout(answerWithinMs)
    if (event.requestContext.http.method !== 'POST') return { ...plain(405, 'POST only'), headers: { allow: 'POST' } }

    const rawBody = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8')
    if (rawBody.length > maxBodyBytes) return plain(400, 'the body is too large')
    const isForm = event.headers['content-type']?.toLowerCase().startsWith('application/x-www-form-urlencoded') ?? false
    const form = isForm ? formOf(rawBody) : undefined

    // Slack checks our certificate with a request that it may not sign; it asks for nothing but a 200.
    if (form?.get('ssl_check') === '1') return plain(200)

    const { signingSecretParameter: current, previousSigningSecretParameter: previous } = config.slack
    const { 'x-slack-signature': signature, 'x-slack-request-timestamp': timestamp } = event.headers
    const refuse = (problem: string): APIGatewayProxyStructuredResultV2 => {
      console.warn({ message: 'refused a request', problem, sourceIp: event.requestContext.http.sourceIp })
      return plain(401, 'not a request from Slack')
    }
    const misshapen = shapeProblem({ signature, timestamp }, now())
    if (misshapen !== undefined) return refuse(misshapen)

    let secrets: ReadonlyMap<string, string>
    try {
      secrets = await readSecrets(previous === undefined ? [current] : [current, previous], signal)
      if (!secrets.has(current)) throw new Error(`the SSM parameter ${current} is missing or empty: create it as a SecureString`)
    } catch (error) {
      console.error({ message: 'the signing secret cannot be read', error })
      return slack(unreachable)
    }

    const problem = signatureProblem({ signature, timestamp, rawBody }, [...secrets.values()], now())
    if (problem !== undefined) return refuse(problem)

    const command = SlashCommand.safeParse(form && Object.fromEntries(form))
    if (!command.success) return plain(400, 'not a slash command')

    const decision = decide(command.data, config)
    if (decision.kind === 'answer') return slack(decision.reply)
    try {
      await startExecution(decision, signal)
      console.info({ message: 'purge started', execution: decision.executionName, region: decision.region })
      return slack(decision.reply)
    } catch (error) {
      console.error({ message: 'the purge could not be started', execution: decision.executionName, region: decision.region, error })
      return slack(decision.failureReply)
    }
  }

const answer = lazily(() => {
  const stateMachineArns = StateMachineArns.parse(JSON.parse(requiredEnvironment('STATE_MACHINE_ARNS')))
  const clients = new Map<string, SFNClient>()
  const clientFor = (region: string): SFNClient => {
    const client = clients.get(region) ?? new SFNClient({ region, maxAttempts: 2 })
    clients.set(region, client)
    return client
  }
  return createHandler({
    config: loadConfig(targets),
    readSecrets: createSecretReader(new SSMClient({ region: requiredEnvironment('SECRETS_REGION'), maxAttempts: 2 }), Date.now),
    startExecution: async ({ region, executionName, input }, signal) => {
      const stateMachineArn = stateMachineArns[region]
      if (stateMachineArn === undefined) throw new Error(`STATE_MACHINE_ARNS names no state machine in ${region}: deploy again`)
      try {
        await clientFor(region).send(new StartExecutionCommand({ stateMachineArn, name: executionName, input }), { abortSignal: signal })
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) throw error
      }
    },
    now: Date.now,
  })
})

/** Slack shows people a bare error for anything but a 200, so also a fault of the deployment is answered in words. */
export const handler = async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
  try {
    return await answer(event)
  } catch (error) {
    console.error({ message: 'the function cannot work as it is deployed', error })
    return slack(notSetUp)
  }
}
