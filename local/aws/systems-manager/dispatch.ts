// Carries a command to its instances and records what becomes of it there.

import { setImmediate as eventLoopTurn, setTimeout as sleep } from 'node:timers/promises'
import type { CommandDocument } from '../../../ssm/schema.ts'
import type { RunScript } from './ssm-agent.ts'
import type { AwsFaults } from '../protocol/faults.ts'
import { isFinished, share, tooManyErrors, type Command, type Detail, type Invocation } from './command.ts'

/** Exit codes that mean something to SSM Agent: success and failure that also skip later steps, and "was killed". */
const exitDetails: Readonly<Record<number, Detail>> = { 0: 'Success', 168: 'Success', 169: 'Failed', 137: 'ExecutionTimedOut' }

interface Delivery {
  readonly command: Command
  readonly document: CommandDocument
  /** Every parameter's value, defaults included. */
  readonly values: Readonly<Record<string, string>>
  readonly run: RunScript
  readonly faults: AwsFaults
  readonly now: () => number
}

/** Resolves to true when the time has passed, to false when the command was cancelled before. */
const waited = (ms: number, signal: AbortSignal): Promise<boolean> => sleep(ms, true, { signal }).catch(() => false)

const runOn = async (delivery: Delivery, invocation: Invocation): Promise<Detail> => {
  const { command, document, values, faults, now } = delivery
  const { instance } = invocation
  if (!instance || instance.state === 'undeliverable') return 'Undeliverable'
  if (instance.state === 'access-denied') return 'AccessDenied'
  const { signal } = invocation.cancelling
  if (instance.state === 'offline') {
    return (await waited(command.deliveryTimeoutSeconds * 1000 * faults.deliveryScale, signal)) ? 'DeliveryTimedOut' : 'Cancelled'
  }
  invocation.detail = 'InProgress'
  invocation.startedAt = now()
  const timeoutMs = command.executionTimeoutSeconds * 1000 * faults.executionScale
  if (instance.state === 'hanging') {
    const timedOut = await waited(timeoutMs, signal)
    invocation.exitCode = 137
    return timedOut ? 'ExecutionTimedOut' : 'Cancelled'
  }
  const [step] = document.mainSteps
  const end = await delivery.run({ instance, commandId: command.id, lines: step.inputs.runCommand, parameters: values, timeoutMs, signal })
  invocation.exitCode = end.exitCode
  invocation.stdout = end.stdout
  if (end.exitCode === 0 || end.exitCode === 168) invocation.stderr = end.exitCode === 0 ? end.stderr : ''
  else invocation.stderr = `${end.stderr}failed to run commands: exit status ${end.exitCode}`
  if (end.cancelled) return 'Cancelled'
  return exitDetails[end.exitCode] ?? 'Failed'
}

const deliver = async (delivery: Delivery, invocation: Invocation): Promise<void> => {
  if (isFinished(invocation)) return
  if (invocation.cancelling.signal.aborted) invocation.detail = 'Cancelled'
  else if (tooManyErrors(delivery.command)) invocation.detail = 'Terminated'
  else invocation.detail = await runOn(delivery, invocation)
  if (invocation.startedAt !== undefined) invocation.endedAt = delivery.now()
}

/** Resolves when every invocation has ended. Rejects never: what goes wrong on an instance is that invocation's failure. */
export const dispatch = async (delivery: Delivery): Promise<void> => {
  // SendCommand answers first: a command begins as Pending.
  await eventLoopTurn()
  const waiting = [...delivery.command.invocations]
  const work = async (): Promise<void> => {
    for (let invocation = waiting.shift(); invocation; invocation = waiting.shift()) {
      const current = invocation
      await deliver(delivery, current).catch((error: unknown) => {
        current.detail = 'Failed'
        current.exitCode = 1
        current.stderr = `the local SSM agent could not run the script: ${error instanceof Error ? error.message : String(error)}`
      })
    }
  }
  const workers = Math.min(waiting.length, Math.max(1, share(delivery.command.maxConcurrency, waiting.length)))
  await Promise.all(Array.from({ length: workers }, work))
}

/**
 * Asks for a stop. What runs is killed; what has ended stays as it is.
 * @param instanceIds where to stop; empty means everywhere
 */
export const cancel = (command: Command, instanceIds: readonly string[]): void => {
  for (const invocation of command.invocations) {
    const named = instanceIds.length === 0 || instanceIds.includes(invocation.instanceId)
    if (!named || isFinished(invocation)) continue
    invocation.detail = 'Cancelling'
    invocation.cancelling.abort()
  }
}
