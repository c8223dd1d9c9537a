// Slack and the edge, asked in ways that change nothing.

import { createHmac } from 'node:crypto'
import type { Config, Target } from '../../config/schema.ts'
import { noTopic, regionsWithoutTopic } from '../../config/warnings.ts'
import { type CheckResult, ok, problem, reasonOf, warning } from './finding.ts'

const timeoutMs = 10_000

/** An empty message: Slack refuses it after it has found the webhook. */
export const checkWebhook = async (request: typeof fetch, url: string): Promise<CheckResult> => {
  const subject = 'Slack webhook'
  try {
    const response = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const body = (await response.text()).slice(0, 60)
    if (response.status === 400) return ok(subject, 'Slack knows it')
    return problem(
      subject,
      `Slack answers HTTP ${response.status}: ${body}. It was revoked or is incomplete: make a new one in the Slack app`,
    )
  } catch (error) {
    return problem(subject, `Slack cannot be reached from here: ${reasonOf(error)}`)
  }
}

/** `/clear-cache help`, signed as Slack signs it. */
export const checkEndpoint = async (
  request: typeof fetch,
  url: string,
  secret: string,
  config: Config,
  now: number,
): Promise<CheckResult> => {
  const subject = 'Slash command'
  const body = new URLSearchParams({
    command: '/clear-cache',
    text: 'help',
    user_id: 'U00000000',
    channel_id: config.targets[0]?.allow.channelIds[0] ?? '',
    team_id: 'T00000000',
    trigger_id: `doctor.${now}`,
    response_url: 'https://hooks.slack.com/commands/doctor',
  }).toString()
  const timestamp = String(Math.floor(now / 1000))
  const signature = createHmac('sha256', secret.trim()).update(`v0:${timestamp}:${body}`).digest('hex')
  try {
    const response = await request(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': `v0=${signature}`,
      },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (response.status === 200) return ok(subject, `${url} answers a signed command`)
    if (response.status === 401)
      return problem(subject, `${url} refuses the signature: deploy again, or wait five minutes after a change of the signing secret`)
    return problem(subject, `${url} answers HTTP ${response.status}: see the function's log (slack-command)`)
  } catch (error) {
    return problem(subject, `${url} cannot be reached: ${reasonOf(error)}`)
  }
}

/** What Cloudflare says about a probed page that nobody asked to purge. */
export const checkCacheRule = ({ id, edge, probes }: Target, status: string | null): CheckResult[] => {
  const [page] = probes?.urls ?? []
  if (edge === undefined || page === undefined) return []
  const subject = `Edge of ${id}`
  if (status === null)
    return [problem(subject, `${page} does not come through Cloudflare: its DNS record is not proxied, or another CDN is in front`)]
  if (status === 'DYNAMIC')
    return [
      warning(subject, `Cloudflare does not cache ${page} (DYNAMIC): there is nothing to purge unless a cache rule makes HTML eligible`),
    ]
  return [ok(subject, `${page} comes through Cloudflare's cache (${status})`)]
}

/** Alarms of a region reach somebody only through a topic of that region. */
export const checkAlarms = (config: Config): CheckResult[] => [
  ...regionsWithoutTopic(config).map((region) => warning(`Alarms in ${region}`, noTopic(region))),
  ...Object.entries(config.alarmTopicArns).map(([region, arns]) => ok(`Alarms in ${region}`, `go to ${arns.join(', ')}`)),
]
