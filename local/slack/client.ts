// Emulates Slack towards our endpoint: a slash command with every field that Slack posts, signed as Slack signs it.

import { createHmac, randomBytes } from 'node:crypto'

export type SlashCommandForm = Readonly<Record<string, string>>

/** All fields of a slash command. Every call stands for a new command, so its trigger_id is new. */
export const slashCommandForm = (overrides: SlashCommandForm = {}): SlashCommandForm => ({
  token: 'deprecated-verification-token',
  team_id: 'T0LOCAL0001',
  team_domain: 'purgeflow-local',
  channel_id: 'C0123456789',
  channel_name: 'privategroup',
  user_id: 'U0123456789',
  user_name: 'local.user',
  command: '/clear-cache',
  text: '',
  api_app_id: 'A0LOCAL0001',
  is_enterprise_install: 'false',
  response_url: 'https://hooks.slack.com/commands/T0LOCAL0001/0/local',
  trigger_id: `${Date.now()}.47445629121.${randomBytes(16).toString('hex')}`,
  ...overrides,
})

/** @param timestamp epoch seconds, as in X-Slack-Request-Timestamp */
export const sign = (signingSecret: string, timestamp: number, rawBody: string): string =>
  `v0=${createHmac('sha256', signingSecret).update(`v0:${timestamp}:${rawBody}`).digest('hex')}`

interface SignedSlashCommand {
  readonly url: string
  readonly signingSecret: string
  readonly form: SlashCommandForm
  /** Epoch milliseconds. */
  readonly now?: () => number
}

export const signedSlashCommand = async ({
  url,
  signingSecret,
  form,
  now = Date.now,
}: SignedSlashCommand): Promise<{ status: number; body: string }> => {
  const body = new URLSearchParams(form).toString()
  const timestamp = Math.floor(now() / 1000)
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      accept: 'application/json,*/*',
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      'x-slack-request-timestamp': String(timestamp),
      'x-slack-signature': sign(signingSecret, timestamp, body),
    },
    body,
  })
  return { status: response.status, body: await response.text() }
}
