// Reads from an execution's history how far a purge came. The state machine forgets what a Map did before it
// failed, and an aborted execution says nothing at all, so the history is the one account that is always there.

import * as z from 'zod'
import { LayerOutcome, ProbeOutcome } from '../../statemachines/data/outcome.ts'
import { InspectOutcome } from '../../statemachines/data/inspection.ts'
import { PlannedCommand } from '../../statemachines/data/command.ts'
import { mergeLayers } from '../../statemachines/data/parts.ts'
import { Plan } from '../../statemachines/data/plan.ts'
import type { Proof } from '../../statemachines/data/proof.ts'

/** The part of states:GetExecutionHistory that counts. */
export const HistoryEvent = z.object({
  stateEnteredEventDetails: z.object({ name: z.string(), input: z.string().optional() }).optional(),
  stateExitedEventDetails: z.object({ name: z.string(), output: z.string().optional() }).optional(),
})
export type HistoryEvent = z.infer<typeof HistoryEvent>

export interface Progress {
  /** With the edge as the last turn left it; undefined when the purge was never planned, or its plan is of a version that we cannot read. */
  readonly plan: Plan | undefined
  /** Something was there that we cannot read, so what is not listed here may have happened or not. */
  readonly unreadable: boolean
  /** Ids of the layers whose command was to be sent. */
  readonly started: ReadonlySet<string>
  /** What was confirmed, by layer id. */
  readonly confirmed: ReadonlyMap<string, LayerOutcome>
  /** In the round that was under way. */
  readonly edgeStarted: boolean
  /** An earlier round had its whole edge purge accepted. */
  readonly edgePurgedBefore: boolean
  /** Of the last round that was probed. */
  readonly proof: Proof | null
}

const Planned = z.object({ plan: Plan })
const Confirmed = z.union([LayerOutcome, ProbeOutcome, InspectOutcome])
/** A state whose error was caught has an exit like any other; what it leaves is its input, with the error beside it. */
const Caught = z.object({ failure: z.looseObject({ Error: z.string() }) })
const Started = z.object({ command: PlannedCommand.pick({ id: true, part: true }) })

const parsed = <Schema extends z.ZodType>(schema: Schema, text: string | undefined): z.infer<Schema> | undefined =>
  text === undefined ? undefined : schema.safeParse(JSON.parse(text)).data

/** Keeps of each event only what counts: a long history does not fit into a function. @param events oldest first */
export const readProgress = async (events: AsyncIterable<HistoryEvent>): Promise<Progress> => {
  let plan: Plan | undefined
  let unreadable = false
  const started = new Set<string>()
  const confirmed = new Map<string, { readonly count: number; readonly outcome: LayerOutcome }>()
  let edgeStarted = false
  let edgePurgedBefore = false
  let proof: Proof | null = null
  for await (const { stateEnteredEventDetails: entered, stateExitedEventDetails: left } of events) {
    const exited = parsed(Caught, left?.output) === undefined ? left : undefined
    if (entered?.name === 'Send Command') {
      const command = parsed(Started, entered.input)?.command
      if (command) {
        started.add(command.id)
        // In a second round the first one's outcome no longer counts.
        if (command.part.index === 1) confirmed.delete(command.id)
      }
    }
    if (entered?.name === 'Purge Cloudflare') edgeStarted = true
    if (exited?.name === 'Plan Purge') {
      plan = parsed(Planned, exited.output)?.plan ?? plan
      unreadable ||= plan === undefined
    }
    if (exited?.name === 'Purge Cloudflare' || exited?.name === 'Probe Edge') {
      // A second round's plan holds fewer commands; the report is about all of them.
      const now = parsed(Planned, exited.output)?.plan
      unreadable ||= now === undefined
      if (plan && now) plan = { ...plan, edge: now.edge }
      if (exited.name === 'Probe Edge') {
        proof = now?.proof ?? proof
        if (now?.proof?.next === 'purge-again') {
          edgePurgedBefore ||= edgeStarted
          edgeStarted = false
        }
      }
    }
    if (exited?.name === 'Purge Group') plan = parsed(Planned, exited.output)?.plan ?? plan
    if (exited?.name === 'Confirm Command') {
      const outcome = parsed(Confirmed, exited.output)
      unreadable ||= outcome === undefined
      if (outcome?.outcome === 'purged' || outcome?.outcome === 'nothing-cached') {
        const part = confirmed.get(outcome.id)
        confirmed.set(outcome.id, part ? { count: part.count + 1, outcome: mergeLayers(part.outcome, outcome) } : { count: 1, outcome })
      }
    }
  }
  const parts = (id: string): number => plan?.commands.find((command) => command.id === id)?.part.of ?? 1
  const whole = [...confirmed].filter(([id, { count }]) => count >= parts(id)).map(([id, { outcome }]) => [id, outcome] as const)
  return { plan, unreadable, started, confirmed: new Map(whole), edgeStarted, edgePurgedBefore, proof }
}
