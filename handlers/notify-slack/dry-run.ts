// The report of a dry run: the plan, and what was found. No I/O, no clock.

import { edgeName } from '../../edge/cloudflare/name.ts'
import * as z from 'zod'
import type { InspectOutcome } from '../../statemachines/data/inspection.ts'
import type { Plan, Preview } from '../../statemachines/data/plan.ts'
import { describeBody } from '../../edge/cloudflare/bodies.ts'
import { judgePreflight, type Outcomes } from './preflight.ts'
import { sourceOf } from './words.ts'
import { PreflightFinding } from '../../layers/finding.ts'

const Step = z.strictObject({
  label: z.string(),
  action: z.string(),
  /** Null where it is not about instances. */
  instances: z.int().nonnegative().nullable(),
  files: z.int().nonnegative().nullable(),
  bytes: z.int().nonnegative().nullable(),
})
export type Step = z.infer<typeof Step>

/** The output of an execution that was a dry run, and all that its message says. It has no verdict: those are for purges. */
export const DryRunReport = z.strictObject({
  dryRun: z.literal(true),
  /** By the worst finding; `failed`: the dry run itself did not come to an end. */
  outcome: z.enum(['ready', 'warnings', 'problems', 'failed']),
  target: z.strictObject({ id: z.string(), label: z.string() }).nullable(),
  source: z.string().nullable(),
  requester: z.string().nullable(),
  /** What a purge would do, in order. */
  plan: z.array(Step),
  findings: z.array(PreflightFinding),
  /** Why it failed, in words; null when it did not. */
  failure: z.string().nullable(),
  seconds: z.number(),
  executionArn: z.string(),
  /** The message as plain text. */
  text: z.string(),
})
export type DryRunReport = z.infer<typeof DryRunReport>
/** Before it is put into words. */
export type DryRunFindings = Omit<DryRunReport, 'text'>

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

const layerSteps = ({ steps }: Preview, inspected: readonly InspectOutcome[]): Step[] =>
  steps.map(({ id, label, action }) => {
    const facts = inspected.find((outcome) => outcome.id === id)?.instances.map((instance) => instance.facts) ?? []
    const cached = facts.filter(({ files }) => files > 0)
    return {
      label,
      action,
      instances: facts.length,
      files: sum(cached.map(({ files }) => files)),
      bytes: sum(cached.map(({ bytes }) => bytes)),
    }
  })

const otherSteps = ({ edge }: Plan, { steps, probes }: Preview): Step[] => {
  const bodies = edge?.pending.map(describeBody) ?? []
  const purge = `${bodies.slice(0, 3).join(', ')}${bodies.length > 3 ? ` and ${bodies.length - 3} more requests` : ''}`
  const places = [...(steps.length > 0 ? ['on every instance'] : []), ...(edge ? ['at Cloudflare'] : [])].join(' and ')
  const other = { instances: null, files: null, bytes: null }
  return [
    ...(edge ? [{ ...other, label: edgeName, action: `purge ${purge}` }] : []),
    ...(probes
      ? [
          {
            ...other,
            label: 'Probe',
            action: `ask for ${probes.urls.length === 1 ? (probes.urls[0] ?? '') : `${probes.urls.length} pages`} ${places}, and purge once more what is stale`,
          },
        ]
      : []),
  ]
}

const worst = (findings: readonly PreflightFinding[]): DryRunReport['outcome'] => {
  if (findings.some(({ level }) => level === 'problem')) return 'problems'
  return findings.some(({ level }) => level === 'warning') ? 'warnings' : 'ready'
}

export interface Ending {
  readonly executionArn: string
  readonly seconds: number
}

export const reportDryRun = (plan: Plan, outcomes: Outcomes, ending: Ending): DryRunFindings => {
  const preview = plan.preview ?? { steps: [], probes: null }
  const findings = judgePreflight(plan, preview, outcomes)
  return {
    dryRun: true,
    outcome: worst(findings),
    target: { id: plan.target.id, label: plan.target.label },
    source: sourceOf(ending.executionArn, plan.source),
    requester: plan.requester,
    plan: [...layerSteps(preview, outcomes.inspected), ...otherSteps(plan, preview)],
    findings,
    failure: null,
    ...ending,
  }
}

/** @param plan undefined when it did not come to one */
export const reportDryRunFailure = (plan: Plan | undefined, failure: string, ending: Ending): DryRunFindings => ({
  dryRun: true,
  outcome: 'failed',
  target: plan ? { id: plan.target.id, label: plan.target.label } : null,
  source: plan ? sourceOf(ending.executionArn, plan.source) : null,
  requester: plan?.requester ?? null,
  plan: [],
  findings: [],
  failure,
  ...ending,
})
