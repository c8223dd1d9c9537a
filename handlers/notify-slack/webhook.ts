// Posts to a Slack incoming webhook: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks

import { SecretUnavailable, SlackRejected, SlackUnavailable, SlackUnconfirmed } from '../shared/errors.ts'
import { redact } from '../shared/mrkdwn.ts'
import type { SlackMessage } from './message.ts'

export interface Webhook {
  readonly fetch: typeof fetch
  /** A secret: whoever knows it can post. It must not get into an error or a log. */
  readonly url: string
  /** Name of the parameter that holds the URL. */
  readonly parameter: string
}

const requestTimeoutMs = 10_000

/** fetch refuses a URL with a user or a password, and quotes it in its error. */
const isPostable = ({ protocol, hostname, username, password }: URL): boolean =>
  username === '' && password === '' && (protocol === 'https:' || (protocol === 'http:' && hostname === '127.0.0.1'))

/** The URL, its path as JSON may write it too, and the token at its end. */
const secretsIn = (url: string): string[] => {
  const { pathname } = new URL(url)
  return [url, pathname, pathname.replaceAll('/', '\\/'), pathname.split('/').at(-1) ?? '']
}

const post = async ({ fetch, url }: Webhook, payload: object): Promise<{ readonly status: number; readonly body: string } | undefined> => {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(payload),
      redirect: 'error',
      signal: AbortSignal.timeout(requestTimeoutMs),
    })
    // Whatever stands between us and Slack may echo what it was asked.
    return { status: response.status, body: redact(await response.text(), secretsIn(url)).slice(0, 200) }
  } catch (error) {
    console.warn({ message: 'Slack could not be reached', error })
    return undefined
  }
}

/** A webhook of an app answers `ok`, one of a workflow `{"ok":true}`. */
const accepted = /^\s*(ok|\{\s*"ok"\s*:\s*true\b.*)\s*$/s
/** Anything else below 300 comes from something in between: a login page, a proxy. */
const saysWhy = (body: string): boolean => /^\s*\{\s*"ok"\s*:\s*false\b/.test(body)

const blocksRefused = (body: string): boolean => /invalid_blocks|invalid_payload/.test(body)

/**
 * Falls back to plain text when Slack refuses the blocks: an ugly message is better than none.
 * @throws SlackUnavailable, SlackUnconfirmed (both worth a retry) or SlackRejected; each carries the summary, so that it is not lost
 */
export const postMessage = async (webhook: Webhook, { summary, payload }: SlackMessage): Promise<void> => {
  const parsed = URL.parse(webhook.url)
  if (parsed === null || !isPostable(parsed)) {
    throw new SecretUnavailable(
      `the SSM parameter ${webhook.parameter} does not hold an https URL: copy the webhook URL from the Slack app's settings`,
    )
  }
  let answer = await post(webhook, payload)
  if (answer?.status === 400 && blocksRefused(answer.body)) {
    console.warn({ message: 'Slack refused the blocks; sending plain text', slack: answer.body })
    answer = await post(webhook, { text: payload.text })
  }
  if (answer?.status === 200 && accepted.test(answer.body)) return
  if (answer?.status === 200 && !saysWhy(answer.body)) {
    throw new SlackUnavailable(`Slack's answer is not Slack's (HTTP 200: ${answer.body}). The message was:\n${summary}`)
  }
  if (answer === undefined)
    throw new SlackUnconfirmed(`Slack did not say whether it took the message (no answer). The message was:\n${summary}`)
  if (answer.status === 429 || answer.status >= 500)
    throw new SlackUnavailable(`Slack did not take the message (HTTP ${answer.status}). The message was:\n${summary}`)
  throw new SlackRejected(
    `Slack refused the message (HTTP ${answer.status}: ${answer.body}). Check the webhook in ${webhook.parameter}. The message was:\n${summary}`,
  )
}
