// Ends every purge with one Slack message: called by the state machine, and by EventBridge for the endings it cannot report itself.

import { paginateGetExecutionHistory, SFNClient } from '@aws-sdk/client-sfn'
import { SSMClient } from '@aws-sdk/client-ssm'
import { loadConfig } from '../../config/load.ts'
import targets from '../../config/targets.ts'
import { reasonOf } from '../../statemachines/data/outcome.ts'
import { lazily, requiredEnvironment } from '../shared/lazily.ts'
import { createSecretReader, type ReadSecrets, readSecret } from '../shared/secrets.ts'
import { type Failure, type Findings, reportEnd, reportFailure, secondsBetween } from './core.ts'
import { type DryRunFindings, type DryRunReport, reportDryRun, reportDryRunFailure } from './dry-run.ts'
import { renderDryRun } from './dry-run-message.ts'
import { type GroupFindings, type GroupReport, isInGroup, renderGroup, reportGroup } from './group.ts'
import { HistoryEvent, type Progress, readProgress } from './history.ts'
import { renderMessage, type SlackMessage } from './message.ts'
import { verdictMetric } from './metric.ts'
import { NotifyRequest, type PurgeEnded, type Report, wantsDryRun } from './schema.ts'
import { postMessage } from './webhook.ts'

export interface Deps {
  readonly webhookParameter: string
  readonly readSecrets: ReadSecrets
  /** Every event of an execution, oldest first, and no more of them at once than a page. */
  readonly readHistory: (executionArn: string) => AsyncIterable<HistoryEvent>
  readonly fetch: typeof fetch
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Gets the metric of each ending as one line: CloudWatch reads it out of the log. */
  readonly print: (line: string) => void
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const createHandler = ({ webhookParameter, readSecrets, readHistory, fetch, now, print }: Deps) => {
  const progressOf = async (executionArn: string): Promise<{ readonly progress: Progress | undefined; readonly note: string }> => {
    try {
      const progress = await readProgress(readHistory(executionArn))
      const note =
        '\nParts of its history are of another version of purgeflow and could not be read: what is not listed may have been purged or not.'
      return { progress, note: progress.unreadable ? note : '' }
    } catch (error) {
      // The failure must be told even when its details cannot be had.
      console.error({ message: 'the history of the execution could not be read', executionArn, error })
      return { progress: undefined, note: '\nHow far the purge came could not be read: look at the execution.' }
    }
  }

  const ofEnd = (request: PurgeEnded): Findings | DryRunFindings | GroupFindings => {
    const { execution, plan, layers } = request
    if (plan.group !== null) {
      const seconds = secondsBetween(Date.parse(execution.startedAt), now())
      return reportGroup(plan, plan.group, { executionArn: execution.arn, seconds, failure: null })
    }
    if (plan.mode !== 'dry-run') return reportEnd(request, now())
    const inspected = layers.filter((layer) => layer.outcome === 'inspected')
    const probed = layers.filter((layer) => layer.outcome === 'probed')
    const missing = layers.filter((layer) => layer.outcome === 'no-result')
    return reportDryRun(
      plan,
      { inspected, probed, missing },
      { executionArn: execution.arn, seconds: secondsBetween(Date.parse(execution.startedAt), now()) },
    )
  }

  const ofFailure = (request: unknown, failure: Failure, progress: Progress | undefined): Findings | DryRunFindings | GroupFindings => {
    const { executionArn, startedAt, endedAt, reason } = failure
    const plan = progress?.plan
    if (plan !== undefined && plan.group !== null)
      return reportGroup(plan, plan.group, { executionArn, seconds: secondsBetween(startedAt, endedAt), failure: reason })
    if (!wantsDryRun(request)) return reportFailure(failure, progress)
    return reportDryRunFailure(plan, reason, { executionArn, seconds: secondsBetween(startedAt, endedAt) })
  }

  const findingsOf = async (request: NotifyRequest): Promise<Findings | DryRunFindings | GroupFindings | undefined> => {
    if ('detail' in request) {
      const { executionArn, status, startDate, stopDate, error, cause, input } = request.detail
      if (error === 'PurgeFailed') return undefined
      const { progress, note } = await progressOf(executionArn)
      const words = { FAILED: 'The execution failed', TIMED_OUT: 'The execution timed out', ABORTED: 'The execution was stopped' }[status]
      const why = (error ?? cause) ? ` (${reasonOf(error ?? status, cause ?? '')})` : ''
      const failure = {
        executionArn,
        startedAt: startDate,
        endedAt: stopDate ?? now(),
        reason: `${words}${why}.${note}`,
        interrupted: status !== 'FAILED',
        ofReport: error === 'NotifyFailed',
      }
      return ofFailure(jsonOf(input ?? ''), failure, progress)
    }
    const { execution } = request
    if (!('failure' in request)) return ofEnd(request)
    const { progress, note } = await progressOf(execution.arn)
    const reason = `${reasonOf(request.failure.Error, request.failure.Cause)}${note}`
    return ofFailure(
      request.request,
      {
        executionArn: execution.arn,
        startedAt: Date.parse(execution.startedAt),
        endedAt: now(),
        reason,
        interrupted: false,
        ofReport: false,
      },
      progress,
    )
  }

  /** @returns the report, or null for an ending that the state machine has reported itself */
  return async (event: unknown): Promise<Report | DryRunReport | GroupReport | null> => {
    const request = NotifyRequest.parse(event)
    const findings = await findingsOf(request)
    if (findings === undefined) return null
    const inGroup = isInGroup('detail' in request ? jsonOf(request.detail.input ?? '') : request.request)
    const post = async (message: SlackMessage): Promise<string> => {
      // The group tells it.
      if (inGroup) return message.summary
      await postMessage({ fetch, url: await readSecret(readSecrets, webhookParameter), parameter: webhookParameter }, message)
      return message.summary
    }
    if ('group' in findings) return { ...findings, text: await post(renderGroup(findings)) }
    if ('dryRun' in findings) return { ...findings, text: await post(renderDryRun(findings)) }
    const text = await post(renderMessage(findings))
    // Only now, so that a purge counts once however often its report is tried: one that Slack never takes has an alarm of its own.
    print(verdictMetric(findings, request, now()))
    return { ...findings, text }
  }
}

export const handler = lazily(() => {
  const sfn = new SFNClient({})
  return createHandler({
    webhookParameter: loadConfig(targets).slack.webhookParameter,
    readSecrets: createSecretReader(new SSMClient({ region: requiredEnvironment('SECRETS_REGION') }), Date.now),
    readHistory: async function* (executionArn) {
      // An execution has at most 25,000 events, each with up to 256 KiB: a hundred at once fit into the function whatever they hold.
      for await (const page of paginateGetExecutionHistory({ client: sfn, pageSize: 100 }, { executionArn, includeExecutionData: true })) {
        for (const event of page.events ?? []) yield HistoryEvent.parse(event)
      }
    },
    fetch,
    now: Date.now,
    // Not console: Lambda wraps what goes there, and CloudWatch would not find the metric in it.
    print: (line) => {
      process.stdout.write(`${line}\n`)
    },
  })
})
