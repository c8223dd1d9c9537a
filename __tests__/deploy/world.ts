// Everything around a deployment: moto behind the proxy, instances with caches, Cloudflare and Slack.

import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../config/schema.ts'
import { startCloudflare, type LocalCloudflare } from '../../local/cloudflare/cloudflare.ts'
import type { Instance } from '../../local/instance/instance.ts'
import { createInstances } from '../../local/instance/instances.ts'
import { startOrigin } from '../../local/instance/origin.ts'
import { startSites } from '../../local/system/sites.ts'
import { startSlack, type LocalSlack } from '../../local/slack/slack.ts'
import { documentContent } from './ask-aws.ts'
import { deployedCommands, type DeployedCommands } from './deployed-commands.ts'
import { startMoto } from './moto.ts'
import { enforcePermissions, type DeployedPolicies, type Permissions } from './permissions.ts'
import { startProxy, type Intercept } from './proxy.ts'
import { answerStepFunctions, rememberLogging, rememberRedrive } from './terraform-gaps.ts'
import { uploadedFunctions, type UploadedFunctions } from './uploaded-functions.ts'

/** Values that may turn up nowhere but in Parameter Store. */
export const secrets = {
  signing: 'MARKERSIGNINGSECRET8f742231b10e8888abcd99',
  previousSigning: 'MARKERPREVIOUSSECRET7d631120a0fd7777fedc88',
  cloudflare: (targetId: string): string => `MARKERCLOUDFLARETOKEN-${targetId}-5f2b`,
}

export interface World {
  /** For AWS_ENDPOINT_URL. */
  readonly awsUrl: string
  readonly instances: readonly Instance[]
  readonly functions: UploadedFunctions
  readonly commands: DeployedCommands
  readonly permissions: Permissions
  readonly cloudflare: LocalCloudflare
  readonly slack: LocalSlack
  /** What the functions printed. */
  readonly printed: string[]
  /** `PUT /bucket/key` of everything that was written to S3. */
  readonly writtenToS3: string[]
  /** The roles' policies as deployed; nothing is allowed before they are set. */
  policies: DeployedPolicies
  close(): Promise<void>
}

/** @param config names the instances and the zones there are, whatever of it is deployed */
export const startWorld = async (config: Config): Promise<World> => {
  const closers: (() => unknown)[] = []
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    const folder = await mkdtemp(join(tmpdir(), 'purgeflow-world-'))
    closers.push(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
    const instancesDir = join(folder, 'instances')
    await mkdir(instancesDir)
    const instances = await createInstances(instancesDir, config)
    const zones = config.targets.flatMap(({ id, edge }) =>
      edge ? [{ zoneId: edge.zoneId, plan: edge.plan, token: secrets.cloudflare(id) }] : [],
    )
    const origins = await startSites(config, instances, startOrigin, (host, path) => Promise.resolve(`<p>${host}${path}</p>`))
    closers.push(() => origins.close())
    const cloudflare = await startCloudflare({ port: 0, zones, sites: origins.sites })
    closers.push(() => cloudflare.close())
    const slack = await startSlack({ port: 0 })
    closers.push(() => slack.close())

    const printed: string[] = []
    const addresses = { aws: '', moto: '' }
    const functions = uploadedFunctions({
      directory: join(folder, 'functions'),
      awsUrl: () => addresses.aws,
      overrides: { CLOUDFLARE_API_URL: cloudflare.apiUrl, PROBE_EDGE_URL: cloudflare.edgeUrl },
      log: (line) => {
        printed.push(line)
      },
    })
    closers.push(() => {
      functions.close()
    })
    const commands = deployedCommands(instances, (region, name) => documentContent(addresses.aws, region, name))
    closers.push(() => commands.close())

    const world: { policies: DeployedPolicies } = { policies: new Map() }
    const permissions = enforcePermissions(config.name, () => world.policies, instances)
    const writtenToS3: string[] = []
    const watchS3: Intercept = ({ service, request }) => {
      if (service === 's3' && ['PUT', 'DELETE'].includes(request.method)) writtenToS3.push(`${request.method} ${request.url.pathname}`)
      return undefined
    }
    const proxy = await startProxy({
      upstream: () => addresses.moto,
      intercepts: [
        watchS3,
        permissions.intercept,
        answerStepFunctions,
        functions.intercept,
        rememberLogging(),
        rememberRedrive(),
        commands.intercept,
      ],
    })
    closers.push(() => proxy.close())
    addresses.aws = proxy.url
    const moto = await startMoto(new URL(proxy.url).port)
    closers.push(() => {
      moto.close()
    })
    addresses.moto = moto.url
    return Object.assign(world, {
      awsUrl: proxy.url,
      instances,
      functions,
      commands,
      permissions,
      cloudflare,
      slack,
      printed,
      writtenToS3,
      close,
    })
  } catch (error) {
    await close()
    throw error
  }
}
