// Commands and invocations as the SSM API returns them.

import { commandStatus, countOf, errorCount, invocationStatus, isFinished, type Command, type Invocation } from './command.ts'
import { consoleOutput, pluginOutput } from './output.ts'
import { seconds } from '../protocol/protocol.ts'

export const viewCommand = (command: Command) => {
  const { status, details } = commandStatus(command)
  return {
    CommandId: command.id,
    DocumentName: command.documentName,
    DocumentVersion: '$DEFAULT',
    Comment: command.comment,
    ExpiresAfter: seconds(command.requestedAt) + command.deliveryTimeoutSeconds + command.executionTimeoutSeconds,
    Parameters: command.parameters,
    InstanceIds: command.instanceIds,
    Targets: command.targets,
    RequestedDateTime: seconds(command.requestedAt),
    Status: status,
    StatusDetails: details,
    MaxConcurrency: command.maxConcurrency,
    MaxErrors: command.maxErrors,
    TargetCount: command.invocations.length,
    CompletedCount: command.invocations.filter(isFinished).length,
    ErrorCount: errorCount(command),
    DeliveryTimedOutCount: countOf(command, 'DeliveryTimedOut'),
    TimeoutSeconds: command.deliveryTimeoutSeconds,
  }
}

const common = (command: Command, invocation: Invocation) => ({
  CommandId: command.id,
  InstanceId: invocation.instanceId,
  Comment: command.comment,
  DocumentName: command.documentName,
  DocumentVersion: '$DEFAULT',
  Status: invocationStatus(invocation.detail),
  StatusDetails: invocation.detail,
})

const viewPlugin = (invocation: Invocation) => ({
  Name: 'aws:runShellScript',
  Status: invocationStatus(invocation.detail),
  StatusDetails: invocation.detail,
  ResponseCode: invocation.exitCode,
  ResponseStartDateTime: invocation.startedAt === undefined ? undefined : seconds(invocation.startedAt),
  ResponseFinishDateTime: invocation.endedAt === undefined ? undefined : seconds(invocation.endedAt),
  // The agent sends the output when the script has ended.
  Output: isFinished(invocation) ? pluginOutput(invocation.stdout, invocation.stderr) : '',
})

export const viewListedInvocation = (command: Command, invocation: Invocation, withPlugins: boolean) => ({
  ...common(command, invocation),
  InstanceName: '',
  RequestedDateTime: seconds(command.requestedAt),
  CommandPlugins: withPlugins ? [viewPlugin(invocation)] : [],
})

const iso = (epochMs: number | undefined): string => (epochMs === undefined ? '' : new Date(epochMs).toISOString())

export const viewInvocation = (command: Command, invocation: Invocation) => {
  const { stdout, stderr } = consoleOutput(invocation.stdout, invocation.stderr)
  const { startedAt, endedAt } = invocation
  return {
    ...common(command, invocation),
    PluginName: 'aws:runShellScript',
    ResponseCode: invocation.exitCode,
    ExecutionStartDateTime: iso(startedAt),
    ExecutionElapsedTime: startedAt === undefined || endedAt === undefined ? '' : `PT${((endedAt - startedAt) / 1000).toFixed(3)}S`,
    ExecutionEndDateTime: iso(endedAt),
    StandardOutputContent: isFinished(invocation) ? stdout : '',
    StandardErrorContent: isFinished(invocation) ? stderr : '',
  }
}
