// Words a report for Slack: blocks for the reader, and the same as plain text for notifications and as a fallback.

import { clip, escapeMrkdwn, mention } from '../shared/mrkdwn.ts'
import { describeFinding } from '../probe-edge/core.ts'
import type { Findings } from './core.ts'
import type { LayerReport } from './schema.ts'

export interface SlackMessage {
  /** Plain text, for logs and for the execution's output. */
  readonly summary: string
  /** What the webhook gets; `text` shows in notifications, and alone where the blocks are refused. */
  readonly payload: { readonly text: string; readonly blocks: readonly object[] }
}

/** Slack's limits: https://docs.slack.dev/reference/block-kit/blocks */
const maxSectionText = 3000
const maxHeaderText = 150
/** Every line gets an even share of a section. */
const maxNotes = 10

const formatBytes = (bytes: number): string => {
  if (bytes < 1000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  const exponent = Math.min(units.length, Math.floor(Math.log10(bytes) / 3))
  return `${(bytes / 1000 ** exponent).toFixed(1)} ${units[exponent - 1] ?? ''}`
}

const formatSeconds = (seconds: number): string => {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)} min ${whole % 60} s`
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

const describeLayer = ({ outcome, seconds, freedBytes, files, instances, details }: LayerReport): string => {
  switch (outcome) {
    case 'purged':
    case 'nothing-cached': {
      const freed = outcome === 'purged' ? `freed ${formatBytes(freedBytes ?? 0)} in ${plural(files ?? 0, 'file')}` : 'nothing was cached'
      const what = details.length > 0 ? ` (${details.map((detail) => detail.replace(/\.$/, '')).join('; ')})` : ''
      return `${freed} on ${plural(instances ?? 0, 'instance')}, ${formatSeconds(seconds ?? 0)}${what}`
    }
    case 'failed':
      return 'failed'
    case 'interrupted':
      return 'was running when the purge was stopped: it may be purged or not'
    case 'untouched':
      return 'not touched'
  }
}

const describeEdge = ({ outcome, accepted }: NonNullable<Findings['edge']>): string => {
  const what = accepted.length > 3 ? `${accepted.slice(0, 3).join(', ')} and ${plural(accepted.length - 3, 'more request')}` : accepted.join(', ')
  switch (outcome) {
    case 'accepted':
      return `accepted the purge of ${what}`
    // The turn that did not end may have had requests accepted: only the reason can know.
    case 'failed':
      return `failed${accepted.length === 0 ? '' : `; accepted in earlier turns: ${what}`}`
    case 'interrupted':
      return `was running when the purge was stopped: it may be purged or not${accepted.length === 0 ? '' : `; accepted in earlier turns: ${what}`}`
    case 'untouched':
      return 'not touched'
  }
}

interface Line {
  readonly icon: string
  readonly name: string
  readonly words: string
}

const icons = { purged: '✅', 'nothing-cached': '✅', accepted: '✅', failed: '❌', interrupted: '⚠️', untouched: '⚪' } as const

const proofIcons = { fresh: '✅', stale: '❌', unproven: '⚠️' } as const

/** One line a page and answer: `/ HIT -> MISS, then HIT`. The icon says what it proves. */
const proofLines = ({ proof }: Findings): Line[] =>
  (proof?.findings ?? []).slice(0, 12).map((finding) => {
    const words = describeFinding(finding)
    const name = words.slice(0, words.indexOf(': '))
    return { icon: proofIcons[finding.verdict], name: `Probe ${name}`, words: words.slice(name.length + 2) }
  })

const tapLines = ({ proof }: Findings): Line[] =>
  proof === null || proof.secondTap.length === 0 ? [] : [{ icon: '🔁', name: 'Purged twice', words: `still old after the first purge: ${proof.secondTap.join('; ')}` }]

const lines = (findings: Findings): Line[] => [
  ...findings.layers.map((layer) => ({ icon: icons[layer.outcome], name: layer.label, words: describeLayer(layer) })),
  ...(findings.edge ? [{ icon: icons[findings.edge.outcome], name: 'Cloudflare', words: describeEdge(findings.edge) }] : []),
  ...findings.notes.slice(0, maxNotes).map((words) => ({ icon: 'ℹ️', name: 'Note', words })),
  ...tapLines(findings),
  ...proofLines(findings),
]

const title = ({ verdict, target, failure, layers, edge, proof, complete }: Findings): string => {
  if (target !== null && verdict === 'stale') return `${target.label}: the old copy is still served`
  if (target !== null && verdict === 'verified') return `${target.label}: caches cleared and verified`
  if (target !== null && failure === null && proof !== null) return `${target.label}: caches cleared, unproven`
  if (target === null) return complete ? 'Purge not started' : 'Purge failed'
  if (failure === null) return `${target.label}: caches cleared`
  if (layers.some(({ verdict }) => verdict === 'failed')) return `${target.label}: purge failed`
  // The last thing that can fail is the report itself.
  return edge === null || edge.outcome === 'accepted' ? `${target.label}: caches cleared, reported late` : `${target.label}: purge incomplete`
}

/** Link to the execution in the Step Functions console. */
export const executionLink = (executionArn: string): string => {
  const region = executionArn.split(':')[3] ?? ''
  return `https://${region}.console.aws.amazon.com/states/home?region=${region}#/v2/executions/details/${executionArn}`
}

const doors: Readonly<Record<string, string[]>> = { slack: ['from Slack'], manual: ['by hand'], s3: ['by changes in the bucket'] }

export const renderMessage = (findings: Findings): SlackMessage => {
  const { requester, source, seconds, executionArn, failure } = findings
  const link = executionLink(executionArn)
  /** Who, how long, and where to look: what is not known is left out. */
  const footer = (who: string, linked: string): string => {
    const asked = [...(requester === null ? [] : [`by ${who}`]), ...(doors[source ?? ''] ?? [])].join(' ')
    return [...(asked === '' ? [] : [`Asked ${asked}`]), formatSeconds(seconds), linked].join(' · ')
  }
  const all = lines(findings)

  const summary = [
    title(findings),
    ...all.map(({ icon, name, words }) => `${icon} ${name}: ${words}`),
    ...(failure === null ? [] : [`Reason: ${failure}`]),
    footer(requester ?? '', link),
  ].join('\n')

  const section = (mrkdwn: string): object => ({ type: 'section', text: { type: 'mrkdwn', text: mrkdwn } })
  // Each line gets its share, so that a long one cannot push the others out.
  const share = Math.floor(maxSectionText / Math.max(1, all.length)) - 1
  const body = all.map(({ icon, name, words }) => clip(`${icon} *${escapeMrkdwn(name)}*: ${escapeMrkdwn(words)}`, share)).join('\n')
  // Three backticks inside would end the code block early.
  const reason = escapeMrkdwn((failure ?? '').replaceAll('```', "'''"))
  const fence = '```'
  const caveat = failure === null && findings.proof === null ? ' · Each line is what the layer itself reported; no page was checked' : ''
  const context = `${footer(mention(requester ?? ''), `<${link}|execution>`)}${caveat}`
  return {
    summary,
    payload: {
      text: clip(escapeMrkdwn(summary), maxSectionText),
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: clip(title(findings), maxHeaderText) } },
        ...(body === '' ? [] : [section(body)]),
        ...(failure === null ? [] : [section(`${fence}${clip(reason, maxSectionText - 2 * fence.length)}${fence}`)]),
        { type: 'context', elements: [{ type: 'mrkdwn', text: clip(context, maxSectionText) }] },
      ],
    },
  }
}
