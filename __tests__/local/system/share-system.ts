// One system for all tests of a file. It starts once and its functions stay warm; each test finds it as if it had just started.

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SFNClient } from '@aws-sdk/client-sfn'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { ConfigInput } from '../../../config/schema.ts'
import type { Execution } from '../../../local/aws/step-functions/execution.ts'
import { createInstances } from '../../../local/instance/instances.ts'
import { visit } from '../../../local/instance/visitor.ts'
import { renderMessage } from '../../../local/slack/render.ts'
import { startSystem, type System } from '../../../local/system/system.ts'
import targets from '../../targets.ts'

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
const region = 'us-east-1'

/** So many purges of one account in a minute are too many for the free plan, which other tests are about. */
const unlimited = (config: ConfigInput): ConfigInput => ({
  ...config,
  targets: config.targets.map((target) => (target.edge ? { ...target, edge: { ...target.edge, plan: 'enterprise' } } : target)),
})

/** A text that no page had before. */
const wordOf = (count: number): string => String(count).replace(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? '')

/** Stops what a failed test has left running, and waits until its message has arrived. */
const settle = async (system: System): Promise<void> => {
  for (const { executions } of system.machines.values())
    for (const execution of executions) {
      if (!execution.ending) execution.run.abort(undefined, 'its test is over')
      await system.ended(execution)
    }
}

/** As they were; but etc stays, where the scripts find the port of their origin. */
const restoreInstances = async (system: System): Promise<void> => {
  for (const instance of system.aws.instances) {
    instance.state = 'online'
    for (const name of await readdir(instance.root))
      if (name !== 'etc') await rm(join(instance.root, name), { recursive: true, force: true, maxRetries: 5 })
    await rm(join(instance.root, 'etc/nginx'), { recursive: true, force: true })
  }
  await createInstances(system.instancesDir, system.config)
}

/** At every instance and at the edge, as if visitors had just been there. */
const visitAll = async ({ config, cloudflare, originUrls }: System): Promise<void> => {
  for (const url of config.targets.flatMap(({ probes }) => probes?.urls ?? []))
    for (const address of [...originUrls.values(), cloudflare.edgeUrl]) await visit(address, url)
}

export const shareSystem = (config: ConfigInput = targets, waitScale = 0.02) => {
  let folder: string
  let system: System
  let sfn: SFNClient
  let tests = 0
  let before = { executions: 0, requests: 0, messages: 0 }
  const machine = () => system.machines.get(region)!
  const newCopy = (): string => `the new copy ${wordOf(tests)}`

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'purgeflow-shared-'))
    const configFile = join(folder, 'config.json')
    await writeFile(configFile, JSON.stringify(unlimited(config)))
    system = await startSystem({ waitScale, configFile })
    sfn = new SFNClient({ region, endpoint: system.aws.url, credentials })
  })
  afterAll(async () => {
    sfn.destroy()
    await system.close()
    await rm(folder, { recursive: true })
  })
  beforeEach(async () => {
    system.cloudflare.setFault({ mode: 'ok' })
    system.slack.setFault({ mode: 'ok' })
    system.cloudflare.appliesPurges = true
    await settle(system)
    await restoreInstances(system)
    await visitAll(system)
    tests += 1
    system.publish(newCopy())
    before = {
      executions: machine().executions.length,
      requests: system.cloudflare.requests().length,
      messages: system.slack.messages().length,
    }
  })

  const received = () => system.slack.messages().slice(before.messages)
  return {
    system: () => system,
    sfn: () => sfn,
    machine,
    /** What PHP makes now, and made in no test before. */
    newCopy,
    /** Of this test, as all that follows. The newest first. */
    executions: (): readonly Execution[] => machine().executions.slice(0, machine().executions.length - before.executions),
    requests: () => system.cloudflare.requests().slice(before.requests),
    received,
    messages: (): string[] =>
      received()
        .filter(({ accepted }) => accepted)
        .map(({ payload }) => renderMessage(payload)),
  }
}

export type SharedSystem = ReturnType<typeof shareSystem>
