// What terraform asks of AWS while it plans and refreshes, and moto does not know.

import { translateDefinition } from '../../local/aws/step-functions/engine-definition.ts'
import { json } from '../../local/server/http.ts'
import type { Intercept } from './proxy.ts'

/** AWS checks a definition while Terraform plans; so do we, or a broken one would be found only by an execution. */
const validateDefinition = (definition: string) => {
  try {
    translateDefinition(definition, 1)
    return { result: 'OK', diagnostics: [] }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { result: 'FAIL', diagnostics: [{ severity: 'ERROR', code: 'SCHEMA_VALIDATION_FAILED', message, location: '/States' }] }
  }
}

export const answerStepFunctions: Intercept = ({ request, action }) => {
  if (action === 'ListStateMachineVersions') return Promise.resolve(json(200, { stateMachineVersions: [] }))
  if (action !== 'ValidateStateMachineDefinition') return undefined
  const { definition } = JSON.parse(request.body.toString()) as { definition: string }
  return Promise.resolve(json(200, validateDefinition(definition)))
}

interface FunctionAnswer {
  readonly FunctionName?: string
  readonly Configuration?: { readonly FunctionName?: string }
}

/** moto drops a function's logging configuration, which Terraform would then plan to restore, for ever. */
export const rememberLogging = (): Intercept => {
  const remembered = new Map<string, unknown>()
  return ({ request, service, region }, forward) => {
    const path = /^\/2015-03-31\/functions(?:\/([^/]+)(?:\/(?:configuration|code))?)?$/.exec(request.url.pathname)
    if (service !== 'lambda' || !path) return undefined
    const input = request.body.length > 0 ? (JSON.parse(request.body.toString()) as { FunctionName?: string; LoggingConfig?: unknown }) : {}
    const name = path[1] ?? input.FunctionName ?? ''
    if (input.LoggingConfig !== undefined) remembered.set(`${region} ${name}`, input.LoggingConfig)
    return forward().then((reply) => {
      const LoggingConfig = remembered.get(`${region} ${name}`)
      if (LoggingConfig === undefined || reply.status >= 300 || !reply.body) return reply
      const answer = JSON.parse(reply.body) as FunctionAnswer
      const mended = answer.Configuration
        ? { ...answer, Configuration: { ...answer.Configuration, LoggingConfig } }
        : { ...answer, LoggingConfig }
      return { ...reply, body: JSON.stringify(mended) }
    })
  }
}

interface QueueInput {
  readonly QueueName?: string
  readonly QueueUrl?: string
  readonly Attributes?: Readonly<Record<string, string>>
}

/** moto drops which queues a dead-letter queue serves, and writes the other side in its own spacing: Terraform would wait in vain, and plan for ever. */
const redrive = ['RedriveAllowPolicy', 'RedrivePolicy']

export const rememberRedrive = (): Intercept => {
  const remembered = new Map<string, Readonly<Record<string, string>>>()
  return ({ request, service, region, action }, forward) => {
    if (service !== 'sqs' || !['CreateQueue', 'SetQueueAttributes', 'GetQueueAttributes'].includes(action)) return undefined
    const { QueueName, QueueUrl = '', Attributes = {} } = JSON.parse(request.body.toString()) as QueueInput
    const queue = `${region} ${QueueName ?? QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1)}`
    const known = { ...remembered.get(queue), ...Object.fromEntries(Object.entries(Attributes).filter(([name]) => redrive.includes(name))) }
    remembered.set(queue, known)
    return forward().then((reply) => {
      if (action !== 'GetQueueAttributes' || reply.status >= 300) return reply
      const answer = JSON.parse(reply.body ?? '{}') as QueueInput
      return { ...reply, body: JSON.stringify({ ...answer, Attributes: { ...answer.Attributes, ...known } }) }
    })
  }
}
