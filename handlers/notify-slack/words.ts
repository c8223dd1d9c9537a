// Words that every message uses: sizes, times, counts, and the footer that says who asked and where to look.

import { escapeMrkdwn, mention, oneLine } from '../shared/mrkdwn.ts'

export const formatBytes = (bytes: number): string => {
  if (bytes < 1000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  const exponent = Math.min(units.length, Math.floor(Math.log10(bytes) / 3))
  return `${(bytes / 1000 ** exponent).toFixed(1)} ${units[exponent - 1] ?? ''}`
}

export const formatSeconds = (seconds: number): string => {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)} min ${whole % 60} s`
}

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** The local run's: no account of AWS has this number, and it has no console. */
const localAccount = '000000000000'

/** Link to the execution in the Step Functions console, or undefined where it is in none. */
export const executionLink = (executionArn: string): string | undefined => {
  const [, , , region = '', account] = executionArn.split(':')
  if (account === localAccount) return undefined
  return `https://${region}.console.aws.amazon.com/states/home?region=${region}#/v2/executions/details/${executionArn}`
}

/** What the execution's name shows: only slack-command and intake-s3 start executions of these names. */
export const sourceOf = (executionArn: string, claimed: string): string => {
  const name = executionArn.split(':').at(-1) ?? ''
  return claimed !== 'manual' && name.startsWith(`${claimed}-`) ? claimed : 'manual'
}

const doors: Readonly<Record<string, string[]>> = { slack: ['from Slack'], manual: ['by hand'], s3: ['by changes in the bucket'] }

export interface Asked {
  readonly requester: string | null
  readonly source: string | null
  readonly seconds: number
  readonly executionArn: string
}

/** Who, how long, and where to look: what is not known is left out. In plain text, and as Slack's markup. */
export const footer = ({ requester, source, seconds, executionArn }: Asked): { readonly plain: string; readonly mrkdwn: string } => {
  const link = executionLink(executionArn)
  const name = `execution ${executionArn.split(':').at(-1) ?? ''}`
  const line = (who: string, linked: string): string => {
    const asked = [...(requester === null ? [] : [`by ${who}`]), ...(doors[source ?? ''] ?? [])].join(' ')
    return [...(asked === '' ? [] : [`Asked ${asked}`]), formatSeconds(seconds), linked].join(' · ')
  }
  const who = oneLine(requester ?? '')
  return {
    plain: line(who, link ?? name),
    // Whoever starts an execution by hand may claim to be anybody.
    mrkdwn: line(source === 'slack' ? mention(who) : escapeMrkdwn(who), link === undefined ? name : `<${link}|execution>`),
  }
}
