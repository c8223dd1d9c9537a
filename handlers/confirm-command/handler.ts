// Last state of each command: reads every invocation of it, on every page, and fails unless all of them purged. A dry run's command cannot fail.

import { GetCommandInvocationCommand, paginateListCommandInvocations, SSMClient } from '@aws-sdk/client-ssm'
import { InvocationsPending, LayerFailed } from '../shared/errors.ts'
import { lazily } from '../shared/lazily.ts'
import { describeFailures, type InstanceFailure, Invocation, judgeCommand, withLastLine } from './core.ts'
import type { InspectOutcome } from '../../statemachines/data/inspection.ts'
import { ConfirmRequest } from './schema.ts'
import { type LayerOutcome, type ProbeOutcome } from '../../statemachines/data/outcome.ts'

/** More would not fit in a Slack message anyway. */
const stderrsToFetch = 5

const listInvocations = async (client: SSMClient, commandId: string): Promise<Invocation[]> => {
  const found: Invocation[] = []
  for await (const page of paginateListCommandInvocations({ client, pageSize: 50 }, { CommandId: commandId, Details: true })) {
    found.push(...(page.CommandInvocations ?? []).map((invocation) => Invocation.parse(invocation)))
  }
  return found
}

const fetchStderr = async (client: SSMClient, commandId: string, { instanceId, ran }: InstanceFailure): Promise<string> => {
  if (!ran) return ''
  try {
    const answer = await client.send(new GetCommandInvocationCommand({ CommandId: commandId, InstanceId: instanceId }))
    return answer.StandardErrorContent ?? ''
  } catch (error) {
    console.warn({ message: 'the stderr of a failed command could not be read', instanceId, commandId, error })
    return `(its stderr could not be read; see command ${commandId} in Run Command)`
  }
}

export const createHandler =
  ({ client }: { readonly client: SSMClient }) =>
  async (event: unknown): Promise<LayerOutcome | ProbeOutcome | InspectOutcome> => {
    const request = ConfirmRequest.parse(event)
    const judgement = judgeCommand(request, await listInvocations(client, request.sent.id))
    const withStderr = (failures: readonly InstanceFailure[]) =>
      Promise.all(
        failures.map(async (failure, index) => ({
          ...failure,
          stderr: (index < stderrsToFetch ? await fetchStderr(client, request.sent.id, failure) : '').trim() || (failure.agentText ?? ''),
        })),
      )
    switch (judgement.kind) {
      case 'purged':
      case 'probed':
        return judgement.outcome
      case 'inspected': {
        const unseen = (await withStderr(judgement.failures)).map(({ instanceId, reason, stderr }) => ({
          instanceId,
          reason: withLastLine(reason, stderr),
        }))
        return { ...judgement.outcome, unseen }
      }
      case 'pending':
        throw new InvocationsPending(`${request.command.label}: ${judgement.reason}. It may have been purged there or not.`)
      case 'failed': {
        throw new LayerFailed(describeFailures(request.command.label, await withStderr(judgement.failures), request.cancel !== undefined))
      }
    }
  }

export const handler = lazily(() => createHandler({ client: new SSMClient({}) }))
