// What a Task does, by its Resource: invoke a function, or call Systems Manager over the wire as Step Functions' SDK integration would.

import {
  SSM,
  SSMServiceException,
  type CancelCommandCommandInput,
  type ListCommandInvocationsCommandInput,
  type ListCommandsCommandInput,
  type SendCommandCommandInput,
} from '@aws-sdk/client-ssm'
import * as z from 'zod'
import { checkDataLimit, runtimeError, StateError } from './engine-error.ts'
import type { History } from './engine-history.ts'
import type { InvokeResult } from '../lambda/lambda.ts'

export interface Task {
  readonly resource: string
  readonly input: unknown
  readonly timeoutSeconds: number | undefined
}

/** Performs one task and writes it down. Rejects with a StateError whose name is what ErrorEquals gets to see. */
export type PerformTask = (task: Task, history: History) => Promise<unknown>

export interface TaskOptions {
  readonly region: string
  /** Where the cell finds Systems Manager. */
  readonly awsUrl: string
  /** Rejects when there is no function with this ARN. */
  readonly invoke: (functionArn: string, input: unknown) => Promise<InvokeResult>
}

// The client sends what it is given; the endpoint checks it, as at AWS.
const SendCommandInput = z.custom<SendCommandCommandInput>()
const ListCommandsInput = z.custom<ListCommandsCommandInput>()
const ListCommandInvocationsInput = z.custom<ListCommandInvocationsCommandInput>()
const CancelCommandInput = z.custom<CancelCommandCommandInput>()

type SsmAction = (client: SSM, input: unknown) => Promise<object>
/** What a definition of ours may call; each action has to be granted in IAM as well. */
const ssmActions = new Map<string, SsmAction>([
  ['sendCommand', (client, input) => client.sendCommand(SendCommandInput.parse(input))],
  ['listCommands', (client, input) => client.listCommands(ListCommandsInput.parse(input))],
  ['listCommandInvocations', (client, input) => client.listCommandInvocations(ListCommandInvocationsInput.parse(input))],
  ['cancelCommand', (client, input) => client.cancelCommand(CancelCommandInput.parse(input))],
])

/** Step Functions names an SDK error by its class in the Java SDK: one for each modelled error, SsmException for every other. */
const ssmError = (error: unknown): StateError => {
  if (!(error instanceof SSMServiceException))
    return new StateError('Ssm.SdkClientException', error instanceof Error ? error.message : String(error))
  const modelled = error.constructor !== SSMServiceException
  const name = modelled ? `Ssm.${error.name.replace(/Exception$/, '')}Exception` : 'Ssm.SsmException'
  const { httpStatusCode = 0, requestId = 'none' } = error.$metadata
  return new StateError(name, `${error.message} (Service: Ssm, Status Code: ${httpStatusCode}, Request ID: ${requestId})`)
}

const callSsm = async (client: SSM, action: SsmAction, input: unknown): Promise<unknown> => {
  const output = await action(client, input).catch((error: unknown) => {
    throw ssmError(error)
  })
  // Dates become text on their way into a state's result.
  const result: unknown = JSON.parse(JSON.stringify({ ...output, $metadata: undefined }))
  return result
}

const callFunction = (result: InvokeResult): unknown => {
  switch (result.kind) {
    case 'success':
      return result.payload
    case 'function-error':
      throw new StateError(result.error.errorType, JSON.stringify(result.error))
    case 'refused':
      throw new StateError(`Lambda.${result.code}`, result.message)
  }
}

interface Recorded {
  readonly prefix: 'LambdaFunction' | 'Task'
  readonly scheduled: object
  /** Repeated in each of the later events. */
  readonly common: object
}

const record = async (
  { prefix, scheduled, common }: Recorded,
  resource: string,
  history: History,
  run: () => Promise<unknown>,
): Promise<unknown> => {
  history.add(`${prefix}Scheduled`, { ...common, ...scheduled })
  history.add(`${prefix}Started`, prefix === 'Task' ? common : undefined)
  try {
    const result = await run()
    const output = JSON.stringify(result)
    checkDataLimit(output, `The state/task '${resource}' returned a result that`)
    history.add(`${prefix}Succeeded`, { ...common, output, outputDetails: { truncated: false } })
    return result
  } catch (error) {
    if (error instanceof StateError) history.add(`${prefix}Failed`, { ...common, error: error.name, cause: error.message })
    throw error
  }
}

export const createTaskPerformer = (options: TaskOptions): PerformTask => {
  const client = new SSM({
    region: options.region,
    endpoint: options.awsUrl,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    // The definition's own Retry is what is to be seen at work.
    maxAttempts: 1,
  })
  return async ({ resource, input, timeoutSeconds }, history) => {
    const [, actionName] = /^arn:aws:states:::aws-sdk:ssm:([A-Za-z]+)$/.exec(resource) ?? []
    const text = JSON.stringify(input)
    if (actionName === undefined) {
      const scheduled = { resource, input: text, inputDetails: { truncated: false }, timeoutInSeconds: timeoutSeconds }
      return record({ prefix: 'LambdaFunction', scheduled, common: {} }, resource, history, async () =>
        callFunction(await options.invoke(resource, input)),
      )
    }
    const action = ssmActions.get(actionName)
    if (!action) throw runtimeError(`the local engine does not know the task ${resource}`)
    const common = { resourceType: 'aws-sdk:ssm', resource: actionName }
    const scheduled = { region: options.region, parameters: text, timeoutInSeconds: timeoutSeconds }
    return record({ prefix: 'Task', scheduled, common }, resource, history, () => callSsm(client, action, input))
  }
}
