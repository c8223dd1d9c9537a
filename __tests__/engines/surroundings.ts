// What both engines stand among: bundles, instances, Cloudflare and Slack, one of each for each engine.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../config/schema.ts'
import { startCloudflare } from '../../local/cloudflare/cloudflare.ts'
import { createInstances } from '../../local/instance/instances.ts'
import { startOrigin } from '../../local/instance/origin.ts'
import { startSites } from '../../local/system/sites.ts'
import { startSlack } from '../../local/slack/slack.ts'
import { visit } from '../../local/instance/visitor.ts'
import { bundle } from '../../scripts/bundle.ts'
import { config, configInput, page, portal, provenPortal } from '../deploy/config.ts'

const overrides = { targets: [portal(), provenPortal({ id: 'proven', label: 'Proven', instances: { ids: ['i-0c1b2c3d4e5f60718'] } })] }
export const given: Config = config(overrides)

export const bundles = async (): Promise<{ readonly bundleDir: string; readonly remove: () => Promise<void> }> => {
  const folder = await mkdtemp(join(tmpdir(), 'purgeflow-engines-'))
  const configFile = join(folder, 'config.json')
  await writeFile(configFile, JSON.stringify(configInput(overrides)))
  await bundle({ outDir: join(folder, 'functions'), configFile })
  return { bundleDir: join(folder, 'functions'), remove: () => rm(folder, { recursive: true, force: true }) }
}

const token = 'local-token'

export const surroundings = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'purgeflow-engine-'))
  const instancesDir = join(folder, 'instances')
  await mkdir(instancesDir)
  const instances = await createInstances(instancesDir, given)
  const origins = await startSites(given, instances, startOrigin, () => Promise.resolve('<p>The page.</p>'))
  const cloudflare = await startCloudflare({
    port: 0,
    zones: [{ zoneId: '0123456789abcdef0123456789abcdef', plan: 'free', token }],
    sites: origins.sites,
  })
  const slack = await startSlack({ port: 0 })
  return {
    instances,
    cloudflare,
    slack,
    parameters: { '/trial/slack/webhook-url': slack.webhookUrl, '/trial/cloudflare/portal': token },
    restore: async () => {
      await createInstances(instancesDir, given)
      for (const instance of instances) instance.state = 'online'
    },
    /** A visitor comes by, so that the edge has a copy. */
    visit: () => visit(cloudflare.edgeUrl, page),
    close: async () => {
      await cloudflare.close()
      await origins.close()
      await slack.close()
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
