// One Run Command command and its invocations, and how the command's status follows from theirs.

import type { Instance } from '../../instance/instance.ts'

/** An invocation's detailed status, as StatusDetails has it. */
export type Detail =
  | 'Pending'
  | 'InProgress'
  | 'Cancelling'
  | 'Success'
  | 'Failed'
  | 'ExecutionTimedOut'
  | 'DeliveryTimedOut'
  | 'Cancelled'
  | 'Undeliverable'
  | 'AccessDenied'
  | 'Terminated'

export type Status = 'Pending' | 'InProgress' | 'Cancelling' | 'Success' | 'Failed' | 'TimedOut' | 'Cancelled'

export interface Invocation {
  readonly instanceId: string
  /** Undefined when the command names an instance that is not there. */
  readonly instance: Instance | undefined
  detail: Detail
  /** Epoch milliseconds. */
  startedAt?: number
  endedAt?: number
  /** -1 until the script has ended, as at AWS. */
  exitCode: number
  stdout: string
  stderr: string
  readonly cancelling: AbortController
}

export interface Command {
  readonly id: string
  readonly region: string
  readonly documentName: string
  readonly comment: string
  /** As sent, without defaults. */
  readonly parameters: Readonly<Record<string, readonly string[]>>
  readonly instanceIds: readonly string[]
  readonly targets: readonly { readonly Key: string; readonly Values: readonly string[] }[]
  /** Epoch milliseconds. */
  readonly requestedAt: number
  readonly deliveryTimeoutSeconds: number
  readonly executionTimeoutSeconds: number
  readonly maxConcurrency: string
  readonly maxErrors: string
  readonly invocations: readonly Invocation[]
}

const statuses: Readonly<Record<Detail, Status>> = {
  Pending: 'Pending',
  InProgress: 'InProgress',
  Cancelling: 'Cancelling',
  Success: 'Success',
  Failed: 'Failed',
  ExecutionTimedOut: 'TimedOut',
  DeliveryTimedOut: 'TimedOut',
  Cancelled: 'Cancelled',
  Undeliverable: 'Failed',
  AccessDenied: 'Failed',
  Terminated: 'Cancelled',
}

export const invocationStatus = (detail: Detail): Status => statuses[detail]

const unfinished: readonly Detail[] = ['Pending', 'InProgress', 'Cancelling']
export const isFinished = (invocation: Invocation): boolean => !unfinished.includes(invocation.detail)

/** MaxConcurrency and MaxErrors: "10" or "10%" of the instances. */
export const share = (text: string, of: number): number =>
  text.endsWith('%') ? Math.floor((Number(text.slice(0, -1)) / 100) * of) : Number(text)

export const countOf = (command: Command, ...details: readonly Detail[]): number =>
  command.invocations.filter(({ detail }) => details.includes(detail)).length

/** Only these count against MaxErrors. */
export const errorCount = (command: Command): number => countOf(command, 'Failed', 'ExecutionTimedOut')

export const tooManyErrors = (command: Command): boolean => errorCount(command) > share(command.maxErrors, command.invocations.length)

/**
 * The command's own status, by the rules of "Understanding command statuses" in the Systems Manager guide.
 * Two of them surprise: no instance at all is a Success, and so is one Success among instances that the command never reached.
 */
export const commandStatus = (command: Command): { readonly status: Status; readonly details: string } => {
  const total = command.invocations.length
  if (total === 0) return { status: 'Success', details: 'NoInstancesInTag' }
  if (!command.invocations.every(isFinished)) {
    if (countOf(command, 'Cancelling') > 0) return { status: 'Cancelling', details: 'Cancelling' }
    return countOf(command, 'Pending') === total
      ? { status: 'Pending', details: 'Pending' }
      : { status: 'InProgress', details: 'InProgress' }
  }
  if (countOf(command, 'Cancelled') > 0) return { status: 'Cancelled', details: 'Cancelled' }
  if (tooManyErrors(command)) {
    return countOf(command, 'Failed') === 0 ? { status: 'TimedOut', details: 'ExecutionTimedOut' } : { status: 'Failed', details: 'Failed' }
  }
  const undelivered = countOf(command, 'DeliveryTimedOut')
  if (undelivered > 0 && undelivered >= share(command.maxErrors, total)) return { status: 'TimedOut', details: 'DeliveryTimedOut' }
  if (undelivered > 0 || errorCount(command) > 0) return { status: 'Failed', details: 'Incomplete' }
  if (countOf(command, 'Success') > 0) return { status: 'Success', details: 'Success' }
  // AWS does not say what a command is that reached nobody; a failure is the kindest reading, and nothing of ours relies on it.
  return { status: 'Failed', details: countOf(command, 'AccessDenied') > 0 ? 'AccessDenied' : 'Undeliverable' }
}
