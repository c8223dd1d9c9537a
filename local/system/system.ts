// Composition root of the local run: the whole system on loopback ports, from the Slack endpoint to the local Slack.

import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError } from '../../config/config-error.ts'
import { readConfig } from '../../config/read.ts'
import type { Config, Target } from '../../config/schema.ts'
import { bundle } from '../../scripts/bundle.ts'
import { documents } from '../../ssm/documents.ts'
import { renderDocument } from '../../ssm/render.ts'
import type { CommandDocument } from '../../ssm/schema.ts'
import { startAws, type Aws } from '../aws/start-aws.ts'
import type { Execution } from '../aws/step-functions/execution.ts'
import type { StateMachine } from '../aws/step-functions/state-machine.ts'
import { createCell, type Cell } from './cell.ts'
import { startCloudflare, type LocalCloudflare } from '../cloudflare/cloudflare.ts'
import { visit } from '../instance/visitor.ts'
import { localSigningSecret } from './defaults.ts'
import { createDeployedFunction } from '../aws/lambda/deployed-function.ts'
import { createInstances } from '../instance/instances.ts'
import { bucketNames, startIntake } from './intake.ts'
import { startOrigin as startBuiltInOrigin, type StartOrigin } from '../instance/origin.ts'
import { pageOf } from './page.ts'
import { startSites } from './sites.ts'
import { startSlackEndpoint } from '../aws/api-gateway/slack-endpoint.ts'
import { startSlack, type LocalSlack } from '../slack/slack.ts'
import type { Queue } from '../aws/sqs/sqs.ts'

export interface SystemOptions {
  /** Another config than config/targets.ts. */
  readonly configFile?: string
  /** The Slack endpoint's port; AWS, Cloudflare and Slack get the next three. 0 picks free ones. */
  readonly port?: number
  /** Multiplies every wait of the state machine; 1 is real time. */
  readonly waitScale?: number
  /** Before an event that could not be worked on is delivered again: six minutes as deployed. */
  readonly eventRetrySeconds?: number
  /** What serves the sites on an instance; nginx-origin.ts has a real nginx. Left out: a small Node server that emulates one. */
  readonly startOrigin?: StartOrigin
  /** Gets what the functions print. */
  readonly log?: (line: string) => void
}

export interface System {
  readonly config: Config
  readonly slackUrl: string
  readonly signingSecret: string
  readonly aws: Aws
  readonly cloudflare: LocalCloudflare
  readonly slack: LocalSlack
  /** Where the site of each instance answers, by instance id, past the edge. */
  readonly originUrls: ReadonlyMap<string, string>
  /** The sites' editors: what PHP makes from now on. */
  readonly publish: (text: string) => void
  /** Holds the sandbox folder of each instance. */
  readonly instancesDir: string
  /** The folder that emulates each bucket, by its name. */
  readonly bucketDirs: ReadonlyMap<string, string>
  /** The events of each region's buckets. */
  readonly queues: ReadonlyMap<string, Queue>
  /** The state machine of each region. */
  readonly machines: ReadonlyMap<string, StateMachine>
  /** Resolves when the execution has ended and its report, if EventBridge has to make it, is sent. */
  ended(execution: Execution): Promise<void>
  /** Stops everything and removes the sandboxes. */
  close(): Promise<void>
}

const signingSecret = localSigningSecret
const credentialOf = (target: Target): string => `local-key-for-${target.id}`

const renderDocuments = ({ commands: { documentPrefix, executionTimeoutSeconds } }: Config): Record<string, CommandDocument> =>
  Object.fromEntries(documents.map(({ id, name }) => [`${documentPrefix}${name}`, renderDocument(id, { executionTimeoutSeconds })]))

const zoneOf = (target: Target) => {
  if (!target.edge) return []
  const { zoneId, plan, credentials } = target.edge
  const secret = credentialOf(target)
  return [
    { zoneId, plan, ...(credentials.kind === 'token' ? { token: secret } : { globalKey: { key: secret, email: credentials.email } }) },
  ]
}

const secretsOf = ({ slack, targets }: Config, webhookUrl: string): Record<string, string> => ({
  [slack.signingSecretParameter]: signingSecret,
  [slack.webhookParameter]: webhookUrl,
  ...Object.fromEntries(targets.flatMap((target) => (target.edge ? [[target.edge.credentials.parameter, credentialOf(target)]] : []))),
})

const makeWorkDir = async (): Promise<string> => {
  try {
    return await mkdtemp(join(tmpdir(), 'purgeflow-'))
  } catch (error) {
    throw new ConfigError(
      `${tmpdir()} cannot be written (${error instanceof Error ? error.message : String(error)}): set TMPDIR to a directory that can`,
    )
  }
}

export const startSystem = async ({
  configFile,
  port = 0,
  waitScale = 1,
  eventRetrySeconds = 3,
  startOrigin = startBuiltInOrigin,
  log = () => undefined,
}: SystemOptions = {}): Promise<System> => {
  const { config, file } = await readConfig(configFile)
  const closers: (() => unknown)[] = []
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  const portAt = (offset: number): number => (port === 0 ? 0 : port + offset)
  try {
    const workDir = await makeWorkDir()
    closers.push(() => rm(workDir, { recursive: true, force: true, maxRetries: 3 }))
    const bundleDir = join(workDir, 'functions')
    await bundle({ outDir: bundleDir, configFile: file })
    const instancesDir = join(workDir, 'instances')
    await mkdir(instancesDir)

    const instances = await createInstances(instancesDir, config)
    let published = 'The old copy of this page.'
    const makePage = (host: string, path: string): Promise<string> => Promise.resolve(pageOf(host, path, published))
    const { sites, originUrls, close: closeSites } = await startSites(config, instances, startOrigin, makePage)
    closers.push(closeSites)
    const cloudflare = await startCloudflare({ port: portAt(2), zones: config.targets.flatMap(zoneOf), sites })
    closers.push(() => cloudflare.close())
    // As if visitors had just been there.
    await Promise.all(config.targets.flatMap((target) => (target.probes?.urls ?? []).map(async (url) => visit(cloudflare.edgeUrl, url))))
    const slack = await startSlack({ port: portAt(3) })
    closers.push(() => slack.close())

    const regions = [...new Set(config.targets.map(({ region }) => region))]
    const rendered = renderDocuments(config)
    const aws = await startAws({
      port: portAt(1),
      parameters: { [config.homeRegion]: secretsOf(config, slack.webhookUrl) },
      documents: Object.fromEntries(regions.map((region) => [region, rendered])),
      instances,
    })
    closers.push(() => aws.close())

    const cells = new Map<string, Cell>()
    for (const region of regions) {
      const cell = createCell({
        aws,
        config,
        region,
        bundleDir,
        cloudflareApiUrl: cloudflare.apiUrl,
        edgeUrl: cloudflare.edgeUrl,
        waitScale,
        log,
      })
      closers.push(() => {
        cell.close()
      })
      cells.set(region, cell)
    }
    const machines = new Map([...cells].map(([region, { machine }]) => [region, machine]))

    const bucketsDir = join(workDir, 'buckets')
    const queues = new Map<string, Queue>()
    for (const [region, { arn }] of machines) {
      if (bucketNames(config, region).length === 0) continue
      const intake = await startIntake({
        config,
        region,
        stateMachineArn: arn,
        awsUrl: aws.url,
        bundleDir,
        bucketsDir,
        retrySeconds: eventRetrySeconds,
        log,
      })
      closers.push(() => intake.close())
      queues.set(region, intake.queue)
    }

    const slackCommand = createDeployedFunction({
      prefix: config.name,
      folder: 'slack-command',
      bundleDir,
      region: config.homeRegion,
      awsUrl: aws.url,
      environment: {
        SECRETS_REGION: config.homeRegion,
        STATE_MACHINE_ARNS: JSON.stringify(Object.fromEntries([...machines].map(([region, { arn }]) => [region, arn]))),
      },
      timeoutSeconds: 10,
      log,
    })
    closers.push(() => {
      slackCommand.close()
    })
    const endpoint = await startSlackEndpoint({
      port: portAt(0),
      invoke: async (event) => {
        const result = await slackCommand.invoke(event)
        if (result.kind === 'success') return result.payload
        log(`${config.name}-slack-command failed: ${JSON.stringify(result)}`)
        throw new Error('the function failed')
      },
    })
    closers.push(() => endpoint.close())

    return {
      config,
      slackUrl: endpoint.slackUrl,
      signingSecret,
      aws,
      cloudflare,
      slack,
      originUrls,
      publish: (text) => {
        published = text
      },
      instancesDir,
      bucketDirs: new Map(bucketNames(config).map((name) => [name, join(bucketsDir, name)])),
      queues,
      machines,
      ended: async (execution) => {
        await execution.run.ended
        // The report starts with the ending's own event.
        await new Promise(setImmediate)
        await Promise.all([...cells.values()].map((cell) => cell.settled()))
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
