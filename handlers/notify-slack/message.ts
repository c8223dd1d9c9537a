// Words a report for Slack: blocks for the reader, and the same as plain text for notifications and as a fallback.

import { edgeName } from '../../edge/cloudflare/name.ts'
import { clip, escapeMrkdwn, oneLine } from '../shared/mrkdwn.ts'
import { describeFinding } from '../../statemachines/data/proof.ts'
import type { Findings } from './core.ts'
import type { LayerReport } from './schema.ts'
import { footer, formatBytes, formatSeconds, plural } from './words.ts'

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
  const what =
    accepted.length > 3 ? `${accepted.slice(0, 3).join(', ')} and ${plural(accepted.length - 3, 'more request')}` : accepted.join(', ')
  switch (outcome) {
    case 'accepted':
      return `accepted the purge of ${what}`
    case 'accepted-before':
      return `accepted the purge of ${what} in the first round; the second ended before it came here, so it may hold old copies`
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

const icons = {
  purged: '✅',
  'nothing-cached': '✅',
  accepted: '✅',
  'accepted-before': '⚠️',
  failed: '❌',
  interrupted: '⚠️',
  untouched: '⚪',
} as const

const proofIcons = { fresh: '✅', stale: '❌', unproven: '⚠️' } as const

/** One line a page and answer: `/ HIT -> MISS, then HIT`. The icon says what it proves. */
const proofLines = ({ proof }: Findings): Line[] =>
  (proof?.findings ?? []).slice(0, 12).map((finding) => {
    const words = describeFinding(finding)
    const name = words.slice(0, words.indexOf(': '))
    return { icon: proofIcons[finding.verdict], name: `Probe ${name}`, words: words.slice(name.length + 2) }
  })

/** The second purge may have ended before it was done: `failure` says how. */
const retryLines = ({ proof, verdict }: Findings): Line[] => {
  if (proof === null || proof.retried.length === 0) return []
  const words = `still old after the first purge: ${proof.retried.join('; ')}`
  return verdict === 'failed'
    ? [{ icon: '🔁', name: 'Second purge', words: `not done, or not probed; ${words}` }]
    : [{ icon: '🔁', name: 'Purged twice', words }]
}

const lines = (findings: Findings): Line[] => [
  ...findings.layers.map((layer) => ({ icon: icons[layer.outcome], name: layer.label, words: describeLayer(layer) })),
  ...(findings.edge ? [{ icon: icons[findings.edge.outcome], name: edgeName, words: describeEdge(findings.edge) }] : []),
  ...findings.notes.slice(0, maxNotes).map((words) => ({ icon: 'ℹ️', name: 'Note', words })),
  ...retryLines(findings),
  ...proofLines(findings),
]

/** The same, each on one line. */
const linesOf = (findings: Findings): Line[] =>
  lines(findings).map(({ icon, name, words }) => ({ icon, name: oneLine(name), words: oneLine(words) }))

const title = ({ verdict, target, failure, layers, proof, complete }: Findings): string => {
  if (target !== null && verdict === 'stale') return `${target.label}: the old copy is still served`
  // The last thing that can fail is the report itself.
  if (target !== null && failure !== null && verdict !== 'failed')
    return `${target.label}: caches cleared${verdict === 'verified' ? ' and verified' : ''}, reported late`
  if (target !== null && verdict === 'verified') return `${target.label}: caches cleared and verified`
  if (target !== null && failure === null && proof !== null) return `${target.label}: caches cleared, unproven`
  if (target === null) return complete ? 'Purge not started' : 'Purge failed'
  if (failure === null) return `${target.label}: caches cleared`
  if (layers.some(({ verdict }) => verdict === 'failed')) return `${target.label}: purge failed`
  return `${target.label}: purge incomplete`
}

export const section = (text: string): object => ({ type: 'section', text: { type: 'mrkdwn', text, verbatim: true } })

const fence = '```'
/** Three backticks inside would end the code block early. */
const fenced = (reason: string): string =>
  `${fence}${clip(escapeMrkdwn(reason.replaceAll(fence, "'''")), maxSectionText - 2 * fence.length)}${fence}`

interface Parts {
  readonly title: string
  readonly summary: string
  /** The sections between the title and the reason. */
  readonly body: readonly object[]
  readonly failure: string | null
  /** Slack's markup. */
  readonly context: string
}

/** What every message has in common: a title, what there is to tell, the reason of a failure, and who asked. */
export const slackMessage = ({ title, summary, body, failure, context }: Parts): SlackMessage => ({
  summary,
  payload: {
    text: clip(escapeMrkdwn(summary), maxSectionText),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: clip(title, maxHeaderText) } },
      ...body,
      ...(failure === null ? [] : [section(fenced(failure))]),
      { type: 'context', elements: [{ type: 'mrkdwn', text: clip(context, maxSectionText), verbatim: true }] },
    ],
  },
})

export const renderMessage = (findings: Findings): SlackMessage => {
  const { failure } = findings
  const { plain, mrkdwn } = footer(findings)
  const all = linesOf(findings)

  const summary = [
    title(findings),
    ...all.map(({ icon, name, words }) => `${icon} ${name}: ${words}`),
    ...(failure === null ? [] : [`Reason: ${failure}`]),
    plain,
  ].join('\n')

  // Each line gets its share, so that a long one cannot push the others out.
  const share = Math.floor(maxSectionText / Math.max(1, all.length)) - 1
  const body = all.map(({ icon, name, words }) => clip(`${icon} *${escapeMrkdwn(name)}*: ${escapeMrkdwn(words)}`, share)).join('\n')
  const caveat = failure === null && findings.proof === null ? ' · Each line is what the layer itself reported; no page was checked' : ''
  const context = `${mrkdwn}${caveat}`
  return slackMessage({ title: title(findings), summary, body: body === '' ? [] : [section(body)], failure, context })
}
