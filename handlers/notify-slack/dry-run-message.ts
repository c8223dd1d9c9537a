// Words a dry run for Slack: the plan as a numbered list, then the findings, the worst first.

import { inBatches } from '../shared/batches.ts'
import { clip, escapeMrkdwn, oneLine } from '../shared/mrkdwn.ts'
import type { DryRunFindings, Step } from './dry-run.ts'
import { section, slackMessage, type SlackMessage } from './message.ts'
import type { PreflightFinding } from '../../layers/finding.ts'
import { footer, formatBytes, plural } from './words.ts'

const icons = { ok: '✅', warning: '⚠️', problem: '❌' } as const
const maxFindings = 30
/** Together they fit in a section. */
const linesInSection = 5
const maxLineText = 590

const describeStep = ({ action, instances, files, bytes }: Step): string => {
  if (instances === null) return action
  const free = (files ?? 0) > 0 ? `would free about ${formatBytes(bytes ?? 0)} in ${plural(files ?? 0, 'file')}` : 'no files are cached'
  return instances === 0 ? `${action}; no instance could be looked at` : `${action}, on ${plural(instances, 'instance')}; ${free}`
}

const describeFinding = ({ where, words }: PreflightFinding): string => {
  const more = where.length > 3 ? ` and ${where.length - 3} more` : ''
  return where.length === 0 ? words : `${words} (on ${where.slice(0, 3).join(', ')}${more})`
}

const conclusion = ({ outcome, findings }: DryRunFindings): string => {
  const count = (level: PreflightFinding['level']): number => findings.filter((finding) => finding.level === level).length
  const warnings = count('warning') > 0 ? `, ${plural(count('warning'), 'warning')}` : ''
  switch (outcome) {
    case 'ready':
      return 'A purge would go through as planned.'
    case 'warnings':
      return `A purge would go through, but read on: ${plural(count('warning'), 'warning')}.`
    case 'problems':
      return `A purge would fail or leave old copies: ${plural(count('problem'), 'problem')}${warnings}.`
    case 'failed':
      return 'The dry run did not come to an end.'
  }
}

interface Line {
  readonly mark: string
  readonly name: string
  readonly words: string
}

const plain = ({ mark, name, words }: Line): string => `${mark} ${name}: ${words}`

export const renderDryRun = (report: DryRunFindings): SlackMessage => {
  const { target, failure, outcome } = report
  const title = `${target?.label ?? 'purgeflow'}: dry run${outcome === 'failed' ? ' failed' : ''}, nothing was deleted`
  const steps = report.plan.map((step, index): Line => ({ mark: `${index + 1}.`, name: step.label, words: oneLine(describeStep(step)) }))
  const shown = report.findings.slice(0, maxFindings)
  const findings = shown.map(
    (finding): Line => ({ mark: icons[finding.level], name: finding.about, words: oneLine(describeFinding(finding)) }),
  )
  const rest =
    report.findings.length > shown.length
      ? [`… and ${plural(report.findings.length - shown.length, 'more finding')}: see the execution's output`]
      : []
  const asked = footer(report)

  const summary = [
    title,
    conclusion(report),
    ...(steps.length > 0 ? ['Plan', ...steps.map(plain)] : []),
    ...(findings.length > 0 ? ['Findings', ...findings.map(plain), ...rest] : []),
    ...(failure === null ? [] : [`Reason: ${failure}`]),
    asked.plain,
  ].join('\n')

  const listed = (heading: string, lines: readonly Line[], last: readonly string[] = []): object[] =>
    lines.length === 0
      ? []
      : inBatches(
          [
            `*${heading}*`,
            ...lines.map(({ mark, name, words }) => clip(`${mark} *${escapeMrkdwn(name)}*: ${escapeMrkdwn(words)}`, maxLineText)),
            ...last,
          ],
          linesInSection,
        ).map((batch) => section(batch.join('\n')))
  return slackMessage({
    title,
    summary,
    body: [section(conclusion(report)), ...listed('Plan', steps), ...listed('Findings', findings, rest)],
    failure,
    context: asked.mrkdwn,
  })
}
