// Decides from every invocation of one command whether the layer is purged on every instance. No I/O.

import * as z from 'zod'
import type { PlannedCommand } from '../../statemachines/data/command.ts'
import { clip } from '../shared/mrkdwn.ts'
import { CacheFacts } from '../../layers/cache-facts.ts'
import { layerKind } from '../../layers/kinds.ts'
import type { InspectOutcome } from '../../statemachines/data/inspection.ts'
import { type ConfirmRequest } from './schema.ts'
import { type LayerOutcome, type ProbeOutcome, ProbeResult, ScriptResult } from '../../statemachines/data/outcome.ts'

/** The part of ssm:ListCommandInvocations (Details: true) that counts. */
export const Invocation = z.object({
  InstanceId: z.string(),
  Status: z.string(),
  StatusDetails: z.string().default(''),
  RequestedDateTime: z.date().optional(),
  CommandPlugins: z.array(z.object({ Output: z.string().default(''), ResponseFinishDateTime: z.date().optional() })).default([]),
})
export type Invocation = z.infer<typeof Invocation>

export interface InstanceFailure {
  readonly instanceId: string
  readonly reason: string
  /** Whether the script ran, so that there may be a stderr to fetch. */
  readonly ran: boolean
  /** What stands in the plugin's output beside a script's result: the agent's own reason, where there is no stderr. */
  readonly agentText?: string
}

export type Judgement =
  | { readonly kind: 'purged'; readonly outcome: LayerOutcome }
  | { readonly kind: 'probed'; readonly outcome: ProbeOutcome }
  /** Without the instances that could not be looked at: those are the failures. */
  | { readonly kind: 'inspected'; readonly outcome: InspectOutcome; readonly failures: readonly InstanceFailure[] }
  | { readonly kind: 'pending'; readonly reason: string }
  | { readonly kind: 'failed'; readonly failures: readonly InstanceFailure[] }

const running = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling'])

const reasons: Readonly<Record<string, string>> = {
  Undeliverable: 'the command could not be delivered: is the instance running, and its SSM agent online?',
  DeliveryTimedOut: 'the instance did not pick the command up in time: is its SSM agent online?',
  ExecutionTimedOut: 'the script did not end in time and was stopped',
  AccessDenied: 'access denied: may the state machine send commands to this instance?',
  InvalidPlatform: 'the document does not run on the platform of this instance',
  Terminated: 'not sent, because another instance failed first',
  Cancelled: 'cancelled before it ended',
  RateExceeded: 'not sent: too many requests reached Run Command or the instance at once; nothing ran there, so purge again in a minute',
}

/** SSM Agent puts this between stdout and stderr, also where the script succeeded. */
const stderrTitle = '\n----------ERROR-------\n'

/** The script's own account: the last line of its stdout. */
const lastLine = <Schema extends z.ZodType>({ CommandPlugins }: Invocation, schema: Schema): z.output<Schema> | undefined => {
  const [stdout = ''] = (CommandPlugins[0]?.Output ?? '').split(stderrTitle)
  const lines = stdout.trimEnd().split('\n')
  try {
    return schema.safeParse(JSON.parse(lines.at(-1) ?? '')).data
  } catch {
    return undefined
  }
}

/** SSM Agent puts its own reason there: a step that it skipped, a plugin that it does not know, a disk that is full. */
const agentTextOf = ({ CommandPlugins }: Invocation): { readonly agentText?: string } => {
  const lines = CommandPlugins.flatMap(({ Output }) => Output.split('\n')).filter((line) => line.trim() !== '' && !/^(\{|---)/.test(line))
  return lines.length === 0 ? {} : { agentText: lines.join('\n') }
}

const failureOf = (invocation: Invocation, document: string, schema: z.ZodType): InstanceFailure | undefined => {
  const { InstanceId: instanceId, Status, StatusDetails } = invocation
  if (Status !== 'Success') {
    // The API reference writes "Delivery Timed Out", the service itself "DeliveryTimedOut".
    const details = StatusDetails === '' ? Status : StatusDetails.replaceAll(' ', '')
    return {
      instanceId,
      reason: reasons[details] ?? `the script ended as ${details}`,
      ran: ['Failed', 'ExecutionTimedOut', 'Cancelled'].includes(details),
      ...agentTextOf(invocation),
    }
  }
  if (lastLine(invocation, schema) === undefined) {
    const said = agentTextOf(invocation)
    const doubt = said.agentText === undefined ? `: is ${document} the document that purgeflow deployed?` : ''
    return { instanceId, reason: `the script reported no result${doubt}`, ran: true, ...said }
  }
  return undefined
}

/** A reason, and what a script or the agent said last, without what bash and the agent add to it: enough for a finding. */
export const withLastLine = (reason: string, text: string): string => {
  const own = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('failed to run commands:'))
  const last = clip((own.at(-1) ?? '').replace(/^(purgeflow|.*: line \d+): /, ''), 300)
  return last === '' ? reason : `${reason}: ${last}`
}

const factsSchema = (command: PlannedCommand): z.ZodType<CacheFacts> =>
  command.layerKind === null ? CacheFacts : layerKind(command.layerKind).facts

/** What each command's script prints at its end. */
const resultSchema = (command: PlannedCommand): z.ZodType =>
  ({ purge: ScriptResult, probe: ProbeResult, inspect: factsSchema(command) })[command.kind]

const silent = 'it did not answer in time: is the instance running, and its SSM agent online?'

const inspected = (
  { command, sent, cancel }: ConfirmRequest,
  invocations: readonly Invocation[],
  found: readonly InstanceFailure[],
): Judgement => {
  // Who asked for the cancel is no news; that nobody answered until then is.
  const failures = found.map((failure) =>
    cancel !== undefined && failure.reason === reasons['Cancelled'] ? { ...failure, reason: silent, ran: false } : failure,
  )
  const instances = invocations.flatMap((invocation) => {
    const facts = invocation.Status === 'Success' ? lastLine(invocation, factsSchema(command)) : undefined
    return facts ? [{ instanceId: invocation.InstanceId, facts }] : []
  })
  return {
    kind: 'inspected',
    outcome: { id: command.id, label: command.label, outcome: 'inspected', commandId: sent.id, instances, unseen: [] },
    failures,
  }
}

/** One instance that claims to have freed everything must not break the report of all. */
const sum = (values: readonly number[]): number =>
  Math.min(
    Number.MAX_SAFE_INTEGER,
    values.reduce((total, value) => total + value, 0),
  )

/** Epoch milliseconds. */
const requestTimes = (invocations: readonly Invocation[]): number[] =>
  invocations.flatMap(({ RequestedDateTime: date }) => (date ? [date.getTime()] : []))

const probed = ({ command, sent }: ConfirmRequest, invocations: readonly Invocation[], failures: readonly InstanceFailure[]): Judgement => {
  const instances = invocations.flatMap((invocation) => {
    const result = lastLine(invocation, ProbeResult)
    return result && invocation.Status === 'Success' ? [{ instanceId: invocation.InstanceId, ...result }] : []
  })
  const unseen = failures.map(({ instanceId, reason, agentText = '' }) => ({ instanceId, reason: withLastLine(reason, agentText) }))
  const requested = requestTimes(invocations)
  const times = requested.length === 0 ? {} : { requestedAt: Math.min(...requested) }
  return {
    kind: 'probed',
    outcome: { id: command.id, label: command.label, outcome: 'probed', commandId: sent.id, ...times, instances, unseen },
  }
}

const elapsedSeconds = (invocations: readonly Invocation[]): number => {
  const starts = requestTimes(invocations)
  const ends = invocations.flatMap(({ CommandPlugins }) =>
    CommandPlugins.flatMap(({ ResponseFinishDateTime: date }) => (date ? [date.getTime()] : [])),
  )
  return starts.length > 0 && ends.length > 0 ? Math.max(0, Math.max(...ends) - Math.min(...starts)) / 1000 : 0
}

export const judgeCommand = (request: ConfirmRequest, invocations: readonly Invocation[]): Judgement => {
  const { command, sent, poll, cancel } = request
  const expected = command.targets.flatMap(({ Key, Values }) => (Key === 'InstanceIds' ? Values : []))
  const selector = command.targets.map(({ Key, Values }) => `${Key}=${Values.join(',')}`).join(' and ')

  if (invocations.length === 0 && poll?.details[0] === 'NoInstancesInTag') {
    // Run Command calls this a success.
    if (command.kind === 'inspect') return inspected(request, [], [{ instanceId: selector, reason: 'no instance matches', ran: false }])
    // Nothing seen fails nothing: the layers say so themselves.
    if (command.kind === 'probe') return probed(request, [], [{ instanceId: selector, reason: 'no instance matches', ran: false }])
    return { kind: 'failed', failures: [{ instanceId: selector, reason: 'no instance matches, so nothing was purged', ran: false }] }
  }
  const failures = invocations.flatMap((invocation) =>
    running.has(invocation.Status) ? [] : (failureOf(invocation, command.document, resultSchema(command)) ?? []),
  )
  const unfinished = invocations.filter(({ Status }) => running.has(Status)).map(({ InstanceId }) => InstanceId)
  const unseen = expected.filter((id) => !invocations.some(({ InstanceId }) => InstanceId === id))
  const waitingFor = [...unfinished, ...unseen]
  // A tag names no instances, so the number that Run Command found is all there is to compare with.
  const count = poll?.targetCounts?.[0] ?? 0
  const missing = count - invocations.length
  const isUncounted = expected.length === 0 && count === 0
  if (command.kind === 'inspect' && cancel !== undefined) {
    const unheard = (waitingFor.length > 0 || invocations.length > 0 ? waitingFor : [selector]).map((instanceId) => ({
      instanceId,
      reason: silent,
      ran: false,
    }))
    return inspected(request, invocations, [...failures, ...unheard])
  }
  if (waitingFor.length > 0 || invocations.length === 0 || missing > 0) {
    const known = failures.map(({ instanceId, reason }) => `; ${instanceId}: ${reason}`).join('')
    return {
      kind: 'pending',
      reason: `Run Command shows no final state for ${waitingFor.join(', ') || (invocations.length === 0 ? selector : `${missing} more of ${selector}`)}${known}`,
    }
  }
  if (isUncounted && failures.length === 0) {
    const reason = `Run Command has not said how many instances ${selector} has, so those that it shows may not be all`
    return { kind: 'pending', reason }
  }
  if (command.kind === 'probe') return probed(request, invocations, failures)
  if (command.kind === 'inspect') return inspected(request, invocations, failures)
  if (failures.length > 0) return { kind: 'failed', failures }

  const instances = invocations.flatMap((invocation) => {
    const result = lastLine(invocation, ScriptResult)
    return result ? [{ instanceId: invocation.InstanceId, ...result }] : []
  })
  return {
    kind: 'purged',
    outcome: {
      id: command.id,
      label: command.label,
      outcome: instances.every(({ action }) => action === 'empty' || action === 'absent') ? 'nothing-cached' : 'purged',
      commandId: sent.id,
      seconds: elapsedSeconds(invocations),
      freedBytes: sum(instances.map(({ freedBytes }) => freedBytes)),
      files: sum(instances.map(({ files }) => files)),
      instances,
    },
  }
}

const tailLength = 600

/** One line an instance: where, why, and the end of what the script wrote to stderr. */
export const describeFailures = (
  label: string,
  failures: readonly (InstanceFailure & { readonly stderr: string })[],
  gaveUp: boolean,
): string => {
  const lines = failures.slice(0, 5).map(({ instanceId, reason, stderr }) => {
    const tail = stderr.trim().slice(-tailLength)
    return tail === '' ? `${instanceId}: ${reason}` : `${instanceId}: ${reason}:\n${tail}`
  })
  const instances = (count: number, more = ''): string => `${count}${more} instance${count === 1 ? '' : 's'}`
  const more = failures.length > lines.length ? [`… and ${instances(failures.length - lines.length, ' more')}`] : []
  const prefix = gaveUp ? `${label} did not end in time and was cancelled` : `${label} failed`
  return clip([`${prefix} on ${instances(failures.length)}.`, ...lines, ...more].join('\n'), 4000)
}
