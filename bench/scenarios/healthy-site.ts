// The promise in numbers: one healthy site behind a real nginx and the local Cloudflare, purged again and again from the slash command
// to the message in Slack, while visitors refill both caches all the time. For `npm run bench:proof` and, smaller, for the tests.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConfigInput } from '../../config/schema.ts'
import { nginxOrigin } from '../../local/instance/nginx-origin.ts'
import { signedSlashCommand, slashCommandForm } from '../../local/slack/client.ts'
import { renderMessage } from '../../local/slack/render.ts'
import { startSystem, type System } from '../../local/system/system.ts'
import { visit } from '../../local/instance/visitor.ts'

const instanceId = 'i-0a1b2c3d4e5f60718'
const page = 'https://portal.example.com/'

const config: ConfigInput = {
  name: 'purgeflow',
  homeRegion: 'us-east-1',
  slack: { signingSecretParameter: '/purgeflow/slack/signing-secret', webhookParameter: '/purgeflow/slack/webhook-url' },
  commands: { documentPrefix: 'TD-' },
  targets: [
    {
      id: 'portal',
      label: 'TD Portal',
      region: 'us-east-1',
      instances: { ids: [instanceId] },
      layers: [
        { kind: 'w3-total-cache', sitePath: '/var/www/portal', runAs: 'ubuntu' },
        { kind: 'nginx-fastcgi', cachePath: '/var/cache/nginx/portal' },
      ],
      edge: {
        zoneId: '0123456789abcdef0123456789abcdef',
        purge: { what: 'hosts', hosts: ['portal.example.com'] },
        credentials: { kind: 'token', parameter: '/purgeflow/cloudflare/portal-token' },
        // Its rate limit lets purges follow each other.
        plan: 'enterprise',
      },
      probes: { urls: [page], origin: { tls: false } },
      allow: { channelIds: ['C0123456789'] },
    },
  ],
}

export interface Run {
  readonly verified: boolean
  /** Whether a visitor at the edge and one at the origin got what was published before the purge. */
  readonly visitorsGotTheNewCopy: boolean
  readonly message: string
}

const purge = async (system: System, text: string): Promise<Run> => {
  system.publish(text)
  const told = system.slack.messages().length
  const { status, body } = await signedSlashCommand({
    url: system.slackUrl,
    signingSecret: system.signingSecret,
    form: slashCommandForm({ text: 'portal' }),
  })
  const execution = system.machines.get('us-east-1')?.executions[0]
  if (status !== 200 || execution === undefined) throw new Error(`the command started nothing: HTTP ${status} ${body}`)
  await system.ended(execution)
  const message = system.slack
    .messages()
    .slice(told)
    .map(({ payload }) => renderMessage(payload))
    .join('\n')
  const pages = await Promise.all([system.cloudflare.edgeUrl, ...system.originUrls.values()].map((address) => visit(address, page)))
  return {
    verified: (await execution.run.ended).status === 'SUCCEEDED' && message.includes('TD Portal: caches cleared and verified'),
    visitorsGotTheNewCopy: pages.every(({ body: got }) => got.includes(text)),
    message,
  }
}

/** @param onRun gets each run as it ends */
export const purgeHealthySite = async ({
  runs,
  onRun = () => undefined,
}: {
  readonly runs: number
  readonly onRun?: (run: Run, index: number) => void
}): Promise<{ runs: Run[]; visits: number }> => {
  const directory = await mkdtemp(join(tmpdir(), 'purgeflow-healthy-'))
  const leaving = new AbortController()
  let system: System | undefined
  let visitors: Promise<void>[] = []
  try {
    const configFile = join(directory, 'config.json')
    await writeFile(configFile, JSON.stringify(config))
    const started = (system = await startSystem({ configFile, waitScale: 0.05, startOrigin: nginxOrigin() }))
    let visits = 0
    const visitor = async (address: string): Promise<void> => {
      while (!leaving.signal.aborted) {
        await visit(address, page).then(
          () => {
            visits += 1
          },
          () => undefined,
        )
        await sleep(5)
      }
    }
    visitors = [started.cloudflare.edgeUrl, started.cloudflare.edgeUrl, ...started.originUrls.values()].map(visitor)
    const done: Run[] = []
    for (let index = 0; index < runs; index += 1) {
      const run = await purge(started, `The copy of purge ${index}.`)
      done.push(run)
      onRun(run, index)
    }
    return { runs: done, visits }
  } finally {
    leaving.abort()
    await Promise.all(visitors)
    await system?.close()
    await rm(directory, { recursive: true, force: true })
  }
}
