// Execution histories as GetExecutionHistory gives them, as far as notify-slack reads them.

import type { HistoryEvent } from '../../../handlers/notify-slack/history.ts'
import type { LayerOutcome } from '../../../statemachines/data/outcome.ts'
import type { Plan } from '../../../statemachines/data/plan.ts'
import type { EdgeProgress } from '../../../statemachines/data/edge.ts'
import { anOutcome, aPlan } from '../factories.ts'

/** As the pages of GetExecutionHistory bring them. */
export async function* eventsOf(history: readonly HistoryEvent[] | Error): AsyncGenerator<HistoryEvent> {
  await Promise.resolve()
  if (history instanceof Error) throw history
  yield* history
}

const entered = (name: string, input: unknown): HistoryEvent => ({ stateEnteredEventDetails: { name, input: JSON.stringify(input) } })
const exited = (name: string, output: unknown): HistoryEvent => ({ stateExitedEventDetails: { name, output: JSON.stringify(output) } })

export const planned = (plan: Plan = aPlan()): HistoryEvent[] => [
  {},
  entered('Plan Purge', { request: {} }),
  exited('Plan Purge', { request: {}, plan }),
]

export const layerStarted = (index: number, plan: Plan = aPlan()): HistoryEvent[] => [
  entered('Send Command', { command: plan.commands[index], poll: { count: 0, statuses: [], details: [] } }),
]

export const layerConfirmed = (index: number, changes: Partial<LayerOutcome> = {}, plan: Plan = aPlan()): HistoryEvent[] => {
  const { id, label } = plan.commands[index]!
  return [...layerStarted(index, plan), exited('Send Command', {}), exited('Confirm Command', anOutcome({ id, label, ...changes }))]
}

export const edgeStarted = (plan: Plan = aPlan()): HistoryEvent[] => [entered('Purge Cloudflare', { plan })]

export const probed = (proof: Partial<NonNullable<Plan['proof']>>, plan: Plan): HistoryEvent[] => [
  entered('Probe Edge', { plan }),
  exited('Probe Edge', {
    plan: { ...plan, edge: plan.edge && { ...plan.edge, status: 'pending' }, proof: { ...plan.proof!, round: 1, ...proof } },
  }),
]

export const edgeTurn = (edge: Partial<EdgeProgress>, plan: Plan = aPlan()): HistoryEvent[] => [
  ...edgeStarted(plan),
  exited('Purge Cloudflare', { plan: { ...plan, edge: { ...plan.edge!, ...edge } } }),
]
