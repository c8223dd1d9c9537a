// A site in the whole local run whose purge is to go wrong, or well: what a visitor of it gets, and what a slash command says of it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { ConfigInput } from '../../../config/schema.ts'
import type { StartOrigin } from '../../../local/instance/origin.ts'
import { signedSlashCommand, slashCommandForm } from '../../../local/slack/client.ts'
import { renderMessage } from '../../../local/slack/render.ts'
import { startSystem } from '../../../local/system/system.ts'
import { visit } from '../../../local/instance/visitor.ts'
import { naiveScript, type NaiveScript } from './naive-script.ts'

type TargetInput = ConfigInput['targets'][number]

export const page = 'https://portal.example.com/'
export const zoneId = '0123456789abcdef0123456789abcdef'
export const [portalId, siblingId] = ['i-0a1b2c3d4e5f60718', 'i-0a1b2c3d4e5f60719'] as const
export const oldCopy = 'The old copy of this page.'
export const newCopy = 'the new copy'

export const fastCgi = { kind: 'nginx-fastcgi', cachePath: '/var/cache/nginx/portal' } as const

export const aPortal = (changes: Partial<TargetInput> = {}): TargetInput => ({
  id: 'portal',
  label: 'TD Portal',
  region: 'us-east-1',
  instances: { ids: [portalId] },
  layers: [{ kind: 'w3-total-cache', sitePath: '/var/www/portal', runAs: 'ubuntu' }, fastCgi],
  edge: {
    zoneId,
    purge: { what: 'hosts', hosts: ['portal.example.com'] },
    credentials: { kind: 'token', parameter: '/purgeflow/cloudflare/portal-token' },
  },
  probes: { urls: [page], origin: { tls: false } },
  allow: { channelIds: ['C0123456789'] },
  ...changes,
})

export interface Setting {
  /** The last one is the portal. */
  readonly targets?: readonly TargetInput[]
  readonly startOrigin?: StartOrigin
  /** Scales the wait for a command, not the command: a script that really waits needs more. */
  readonly waitScale?: number
}

export const stage = async ({ targets = [aPortal()], startOrigin, waitScale = 0.05 }: Setting = {}) => {
  const directory = await mkdtemp(join(tmpdir(), 'purgeflow-staged-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const configFile = join(directory, 'config.json')
  const slack = { signingSecretParameter: '/purgeflow/slack/signing-secret', webhookParameter: '/purgeflow/slack/webhook-url' }
  await writeFile(
    configFile,
    JSON.stringify({ name: 'purgeflow', homeRegion: 'us-east-1', slack, commands: { documentPrefix: 'TD-' }, targets } satisfies
      | ConfigInput
      | { targets: readonly TargetInput[] }),
  )
  const system = await startSystem({ configFile, waitScale, ...(startOrigin ? { startOrigin } : {}) })
  onTestFinished(() => system.close())
  const target = system.config.targets.at(-1)!
  // As if visitors of every instance had just been there.
  for (const address of system.originUrls.values()) await visit(address, page)
  const rootOf = (instanceId: string): string => system.aws.instances.find((instance) => instance.instanceId === instanceId)!.root
  return {
    system,
    rootOf,
    /** @param at an instance's id; the edge, if left out */
    get: async (at?: string): Promise<string> =>
      (await visit(at === undefined ? system.cloudflare.edgeUrl : system.originUrls.get(at)!, page)).body,
    naiveScript: (options?: NaiveScript) => naiveScript(system, target, options),
    /** From the slash command to the message in Slack. */
    slash: async (): Promise<{ message: string; status: string }> => {
      const { status, body } = await signedSlashCommand({
        url: system.slackUrl,
        signingSecret: system.signingSecret,
        form: slashCommandForm({ text: target.id }),
      })
      expect(status, body).toBe(200)
      const execution = system.machines.get(target.region)!.executions[0]!
      await system.ended(execution)
      const messages = system.slack
        .messages()
        .filter(({ accepted }) => accepted)
        .map(({ payload }) => renderMessage(payload))
      expect(messages).toHaveLength(1)
      return { message: messages[0]!, status: (await execution.run.ended).status }
    },
  }
}
export type Staged = Awaited<ReturnType<typeof stage>>

export interface Row extends Setting {
  /** As docs/proof.md has it. */
  readonly name: string
  /** What is wrong with the world. */
  readonly spoil?: (staged: Staged) => unknown
  readonly naive?: (staged: Staged) => NaiveScript
  /** Runs a purge while something goes on. */
  readonly during?: (staged: Staged, purge: () => Promise<void>) => Promise<unknown>
  /** Where the visitor comes who gets the old copy: an instance; the edge, if left out. */
  readonly visitor?: string
  readonly ours: { readonly says: RegExp; readonly ends: 'SUCCEEDED' | 'FAILED'; readonly visitorGets: 'the old copy' | 'the new copy' }
}

/** Each row is really staged, and both ways are really run on it: theirs, then ours. */
export const testRows = (rows: readonly Row[]): void => {
  it.each(rows.map((row) => [row.name, row] as const))('%s', async (_name, { spoil, naive, during, visitor, ours, ...setting }) => {
    const staged = await stage(setting)
    expect(await staged.get(visitor)).toContain(oldCopy)
    await spoil?.(staged)
    const meanwhile = during ?? ((_staged: Staged, purge: () => Promise<void>) => purge())

    staged.system.publish(newCopy)
    await meanwhile(staged, async () => {
      expect(await staged.naiveScript(naive?.(staged))).toBe('success')
    })
    expect(await staged.get(visitor)).toContain(oldCopy)

    const told: { message: string; status: string }[] = []
    await meanwhile(staged, async () => {
      told.push(await staged.slash())
    })
    expect(told).toEqual([{ message: expect.stringMatching(ours.says) as string, status: ours.ends }])
    expect(await staged.get(visitor)).toContain(ours.visitorGets === 'the new copy' ? newCopy : oldCopy)
    // The promise itself.
    if (ours.visitorGets === 'the old copy') expect(told[0]!.message).not.toMatch(/verified/)
  })
}
