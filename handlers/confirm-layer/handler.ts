// Last state of each layer: looks at every invocation of the command, on every page, and fails unless all of them purged.

import { GetCommandInvocationCommand, paginateListCommandInvocations, SSMClient } from '@aws-sdk/client-ssm'
import { InvocationsPending, LayerFailed } from '../shared/errors.ts'
import { lazily } from '../shared/lazily.ts'
import { describeFailures, type InstanceFailure, Invocation, judgeLayer } from './core.ts'
import { ConfirmRequest, type LayerOutcome, type ProbeOutcome } from './schema.ts'

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
  async (event: unknown): Promise<LayerOutcome | ProbeOutcome> => {
    const request = ConfirmRequest.parse(event)
    const judgement = judgeLayer(request, await listInvocations(client, request.command.id))
    switch (judgement.kind) {
      case 'purged':
      case 'probed':
        return judgement.outcome
      case 'pending':
        throw new InvocationsPending(`${request.layer.label}: ${judgement.reason}. It may have been purged there or not.`)
      case 'failed': {
        const failures = await Promise.all(
          judgement.failures.map(async (failure, index) => ({
            ...failure,
            stderr: index < stderrsToFetch ? await fetchStderr(client, request.command.id, failure) : '',
          })),
        )
        throw new LayerFailed(describeFailures(request.layer.label, failures, request.cancel !== undefined))
      }
    }
  }

export const handler = lazily(() => createHandler({ client: new SSMClient({}) }))
