// Makes the findings of a dry run out of what every command and Cloudflare said. No I/O, no clock.

import { edgeName } from '../../edge/cloudflare/name.ts'
import type { InspectOutcome } from '../../statemachines/data/inspection.ts'
import { type NoResult, type ProbeOutcome, reasonOf } from '../../statemachines/data/outcome.ts'
import type { PlannedCommand } from '../../statemachines/data/command.ts'
import type { Plan, Preview } from '../../statemachines/data/plan.ts'
import { finding, type Finding, type PreflightFinding, unreadable } from '../../layers/finding.ts'
import { layerKind } from '../../layers/kinds.ts'
import { judgeProbes } from './preflight-probes.ts'

interface OnInstance {
  readonly instanceId: string
  readonly findings: readonly Finding[]
}

/** What is true of several instances is said once. */
const grouped = (about: string, all: readonly OnInstance[]): PreflightFinding[] => {
  const groups = new Map<string, PreflightFinding>()
  for (const { instanceId, findings } of all) {
    for (const { level, words } of findings) {
      const key = `${level} ${words}`
      groups.set(key, { level, about, words, where: [...(groups.get(key)?.where ?? []), instanceId] })
    }
  }
  return [...groups.values()].map((group) => (group.where.length === all.length ? { ...group, where: [] } : group))
}

const judgeFacts = ({ instances }: InspectOutcome, command: PlannedCommand): OnInstance[] => {
  const parameters = Object.fromEntries(Object.entries(command.parameters).map(([name, [value]]) => [name, value]))
  const judge = command.layerKind === null ? () => [unreadable] : layerKind(command.layerKind).findings
  return instances.map(({ instanceId, facts }) => ({ instanceId, findings: judge(facts, parameters) }))
}

/** Every command goes to the same instances, and what keeps one away keeps all away. */
const reached = (inspected: readonly InspectOutcome[]): PreflightFinding[] => {
  const unseen = new Map(
    inspected.flatMap((outcome) => outcome.unseen).map(({ instanceId, reason }) => [`${instanceId} ${reason}`, { instanceId, reason }]),
  )
  const away = new Set([...unseen.values()].map(({ instanceId }) => instanceId))
  const seen = [...new Set(inspected.flatMap(({ instances }) => instances.map(({ instanceId }) => instanceId)))].filter(
    (id) => !away.has(id),
  )
  const about = 'Instances'
  return [
    ...[...unseen.values()].map(
      ({ instanceId, reason }): PreflightFinding => ({
        level: 'problem',
        about,
        where: [],
        words: `${instanceId}: ${reason}. A purge would fail: mend this, or correct instances`,
      }),
    ),
    ...(seen.length > 0
      ? [
          {
            level: 'ok' as const,
            about,
            where: [],
            words: `${seen.slice(0, 5).join(', ')}${seen.length > 5 ? ` and ${seen.length - 5} more` : ''}: found, reachable, and the SSM agent runs our documents`,
          },
        ]
      : []),
  ]
}

const atEdge = ({ edge }: Plan): PreflightFinding[] => {
  if (edge?.check == null) return []
  const { outcome, said } = edge.check
  const about = edgeName
  switch (outcome) {
    case 'allowed':
      return [{ level: 'ok', about, where: [], words: `the credentials may purge the zone ${edge.zoneId}` }]
    case 'refused':
      return [{ level: 'problem', about, where: [], words: `the credentials may not purge, so a purge would fail at the end. ${said}` }]
    case 'unasked':
    case 'unknown':
      return [{ level: 'warning', about, where: [], words: `the credentials could not be checked (${said}). Run it again later` }]
  }
}

const ofProbes = ({ probes }: Preview, probed: readonly ProbeOutcome[]): PreflightFinding[] => {
  if (probes === null)
    return [
      {
        ...finding('warning', 'the target names no pages to probe, so a purge can only end as unproven. Add probes.urls'),
        about: 'Probes',
        where: [],
      },
    ]
  return grouped(
    'Probes',
    probed.flatMap((outcome) => judgeProbes(probes, outcome)),
  )
}

const weight = { problem: 0, warning: 1, ok: 2 } as const

export interface Outcomes {
  readonly inspected: readonly InspectOutcome[]
  readonly probed: readonly ProbeOutcome[]
  readonly missing: readonly NoResult[]
}

/** @returns the worst first, and otherwise in the order of the plan */
export const judgePreflight = (plan: Plan, preview: Preview, { inspected, probed, missing }: Outcomes): PreflightFinding[] =>
  [
    ...missing.map(
      ({ label, error, cause }): PreflightFinding => ({
        level: 'warning',
        about: label,
        where: [],
        words: `nothing is known of it, because it could not be read (${reasonOf(error, cause)}). Run it again`,
      }),
    ),
    ...reached(inspected),
    ...inspected.flatMap((outcome) => {
      const command = plan.commands.find(({ id }) => id === outcome.id)
      return command ? grouped(outcome.label, judgeFacts(outcome, command)) : []
    }),
    ...atEdge(plan),
    ...ofProbes(preview, probed),
  ].sort((one, other) => weight[one.level] - weight[other.level])
