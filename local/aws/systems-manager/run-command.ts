// The Run Command actions of Systems Manager.

import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { Instance } from '../../instance/instance.ts'
import type { RunScript } from './ssm-agent.ts'
import type { AwsFaults } from '../protocol/faults.ts'
import type { Command } from './command.ts'
import { viewCommand, viewInvocation, viewListedInvocation } from './command-views.ts'
import { cancel, dispatch } from './dispatch.ts'
import { checkParameters, findDocument, type DocumentsByRegion } from './documents.ts'
import { page } from '../protocol/paging.ts'
import { action, AwsError, type Actions } from '../protocol/protocol.ts'
import { chooseInstances, InstanceId, SendCommandInput } from './send-command.ts'

interface RunCommandOptions {
  readonly documents: DocumentsByRegion
  readonly instances: readonly Instance[]
  readonly run: RunScript
  readonly faults: AwsFaults
  readonly now: () => number
}

export interface RunCommand {
  readonly actions: Actions
  /** Kills every script that still runs, and waits until all have ended. */
  close(): Promise<void>
}

const CommandId = z.string().length(36)
const Paging = { MaxResults: z.int().min(1).max(50).default(50), NextToken: z.string().optional() }

export const createRunCommand = (options: RunCommandOptions): RunCommand => {
  const { documents, instances, faults, now } = options
  const commands: Command[] = []
  const deliveries = new Set<Promise<void>>()
  const emptyListsLeft = new Map<string, number>()

  const inRegion = (region: string, id?: string): Command[] =>
    commands.filter((command) => command.region === region && (id === undefined || command.id === id))

  const send = (input: SendCommandInput, region: string): Command => {
    const document = findDocument(documents, region, input.DocumentName)
    const values = checkParameters(document, input.Parameters)
    const choices = chooseInstances(
      instances.filter((instance) => instance.region === region),
      input,
    )
    const command: Command = {
      id: randomUUID(),
      region,
      documentName: input.DocumentName,
      comment: input.Comment,
      parameters: input.Parameters,
      instanceIds: input.InstanceIds,
      targets: input.Targets,
      requestedAt: now(),
      deliveryTimeoutSeconds: input.TimeoutSeconds,
      executionTimeoutSeconds: document.mainSteps[0].inputs.timeoutSeconds,
      maxConcurrency: input.MaxConcurrency,
      maxErrors: input.MaxErrors,
      invocations: choices.map((choice) => ({
        ...choice,
        detail: 'Pending',
        exitCode: -1,
        stdout: '',
        stderr: '',
        cancelling: new AbortController(),
      })),
    }
    commands.unshift(command)
    emptyListsLeft.set(command.id, faults.emptyLists)
    const delivery: Promise<void> = dispatch({ command, document, values, run: options.run, faults, now }).finally(() =>
      deliveries.delete(delivery),
    )
    deliveries.add(delivery)
    return command
  }

  const isVisible = (command: Command): boolean => {
    const left = emptyListsLeft.get(command.id) ?? 0
    if (left > 0) emptyListsLeft.set(command.id, left - 1)
    return left === 0
  }

  return {
    actions: {
      SendCommand: action(SendCommandInput, (input, region) => ({ Command: viewCommand(send(input, region)) })),
      ListCommands: action(z.object({ CommandId: CommandId.optional(), ...Paging }), (input, region) => {
        const { items, nextToken } = page(
          inRegion(region, input.CommandId).filter(isVisible),
          input.MaxResults,
          input.NextToken,
          'InvalidNextToken',
        )
        return { Commands: items.map(viewCommand), NextToken: nextToken }
      }),
      ListCommandInvocations: action(
        z.object({ CommandId: CommandId.optional(), InstanceId: InstanceId.optional(), Details: z.boolean().default(false), ...Paging }),
        (input, region) => {
          const all = inRegion(region, input.CommandId).flatMap((command) =>
            command.invocations
              .filter(({ instanceId }) => input.InstanceId === undefined || instanceId === input.InstanceId)
              .map((invocation) => viewListedInvocation(command, invocation, input.Details)),
          )
          const { items, nextToken } = page(all, input.MaxResults, input.NextToken, 'InvalidNextToken')
          return { CommandInvocations: items, NextToken: nextToken }
        },
      ),
      GetCommandInvocation: action(z.object({ CommandId, InstanceId }), (input, region) => {
        const [command] = inRegion(region, input.CommandId)
        const invocation = command?.invocations.find(({ instanceId }) => instanceId === input.InstanceId)
        if (!command || !invocation)
          throw new AwsError('InvocationDoesNotExist', 'The command ID and managed node ID you specified did not match any invocations.')
        return viewInvocation(command, invocation)
      }),
      CancelCommand: action(z.object({ CommandId, InstanceIds: z.array(InstanceId).max(50).default([]) }), (input, region) => {
        const [command] = inRegion(region, input.CommandId)
        if (!command) throw new AwsError('InvalidCommandId', `Command ${input.CommandId} does not exist.`)
        cancel(command, input.InstanceIds)
      }),
    },
    close: async () => {
      for (const command of commands) cancel(command, [])
      await Promise.all(deliveries)
    },
  }
}
