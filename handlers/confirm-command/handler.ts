// Follows a command. Get Command Status watches it for some seconds. Confirm Command, the last state of each, reads every invocation of
// it, on every page, and fails unless all of them purged. A dry run's command cannot fail.

import { setTimeout as sleep } from 'node:timers/promises'
import { GetCommandInvocationCommand, ListCommandsCommand, paginateListCommandInvocations, SSMClient } from '@aws-sdk/client-ssm'
import * as z from 'zod'
import { InvocationsPending, LayerFailed } from '../shared/errors.ts'
import { lazily, requiredEnvironment } from '../shared/lazily.ts'
import { describeFailures, type InstanceFailure, Invocation, judgeCommand, withLastLine } from './core.ts'
import type { InspectOutcome } from '../../statemachines/data/inspection.ts'
import { ConfirmRequest, WatchRequest } from './schema.ts'
import { type LayerOutcome, type ProbeOutcome } from '../../statemachines/data/outcome.ts'
import { type CommandStatus, type Poll, watchCommand } from './watch.ts'

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

const readStatus = async (client: SSMClient, commandId: string): Promise<CommandStatus> => {
  const { Commands = [] } = await client.send(new ListCommandsCommand({ CommandId: commandId }))
  return {
    statuses: Commands.flatMap(({ Status }) => Status ?? []),
    details: Commands.flatMap(({ StatusDetails }) => StatusDetails ?? []),
    targetCounts: Commands.flatMap(({ TargetCount }) => TargetCount ?? []),
  }
}

/** @param milliseconds that one poll may take */
export const createWatcher =
  ({ client, milliseconds }: { readonly client: SSMClient; readonly milliseconds: number }) =>
  (watch: WatchRequest): Promise<Poll> =>
    watchCommand(watch, { ask: () => readStatus(client, watch.sent.id), sleep, milliseconds })

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

const Watched = z.object({ watch: WatchRequest })

export const handler = lazily(() => {
  const client = new SSMClient({})
  const confirm = createHandler({ client })
  const watch = createWatcher({ client, milliseconds: Number(requiredEnvironment('WATCH_SECONDS')) * 1000 })
  return async (event: unknown) => {
    const watched = Watched.safeParse(event)
    return watched.success ? watch(watched.data.watch) : confirm(event)
  }
})
