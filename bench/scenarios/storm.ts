// A storm of events through the whole asset path, in small or in full: the queue, intake-s3, the state machine, purge-cloudflare, and a
// Cloudflare that answers 429 and 500 at random, while one call in fifty of a function dies half-way. A test and a benchmark run it.

import { copyFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig } from '../../config/load.ts'
import { bundle } from '../../scripts/bundle.ts'
import { startAws } from '../../local/aws/start-aws.ts'
import { notificationOf } from '../../local/aws/s3/bucket.ts'
import { createCell } from '../../local/system/cell.ts'
import { startCloudflare } from '../../local/cloudflare/cloudflare.ts'
import { startEventSource } from '../../local/aws/sqs/event-source.ts'
import { serve } from '../../local/server/http.ts'
import { createLambda } from '../../local/aws/lambda/lambda.ts'
import { createQueue } from '../../local/aws/sqs/sqs.ts'
import { startFlakyApi } from './flaky-api.ts'
import { randomFrom } from './random.ts'
import { batchSize, bucket, region, stormConfig, zoneId } from './storm-config.ts'

export interface StormOptions {
  readonly events: number
  /** How many events lie between an object's change and its repetition, at most: a burst repeats itself soon. */
  readonly distance: number
  /** Messages in one batch, at most; as deployed when left out. */
  readonly batch?: number
  readonly seed: number
  readonly log: (line: string) => void
}

export interface StormResult {
  readonly events: number
  readonly distinctUrls: number
  readonly seconds: number
  readonly executions: number
  /** The least that any system could send: each URL once, every request full, none refused and none lost with the function that sent it. */
  readonly floor: number
  readonly accepted: number
  /** Answered with 429 or 500 by chance. */
  readonly refusedByChance: number
  /** Answered with 429 because the rate limit was met. */
  readonly limited: number
  /** URLs whose last accepted purge is older than their last event. */
  readonly missed: number
  readonly dead: number
  readonly left: number
  readonly crashes: number
  /** Why executions failed, each as text. */
  readonly failures: readonly string[]
  /** Of each process of intake-s3, after each of its batches, in order: what it holds when all garbage is gone. In bytes. */
  readonly held: readonly (readonly number[])[]
  /** The most that a process of intake-s3 has had, garbage and all. In bytes. */
  readonly peakMemory: number
  readonly slackMessages: number
}

const wrap = async (folder: string): Promise<void> => {
  await rename(join(folder, 'index.mjs'), join(folder, 'real.mjs'))
  await copyFile(join(import.meta.dirname, 'crashing-function.mjs'), join(folder, 'index.mjs'))
}

export const runStorm = async ({ events, distance, batch = 10_000, seed, log }: StormOptions): Promise<StormResult> => {
  const random = randomFrom(seed)
  const closers: (() => unknown)[] = []
  try {
    const workDir = await mkdtemp(join(tmpdir(), 'purgeflow-storm-'))
    closers.push(() => rm(workDir, { recursive: true, force: true, maxRetries: 3 }))
    const configFile = join(workDir, 'config.json')
    await writeFile(configFile, JSON.stringify(stormConfig))
    const config = loadConfig(stormConfig)
    const bundleDir = join(workDir, 'functions')
    await bundle({ outDir: bundleDir, configFile })
    for (const name of ['intake-s3', 'purge-cloudflare', 'plan-purge']) await wrap(join(bundleDir, name))

    const cloudflare = await startCloudflare({ port: 0, zones: [{ zoneId, plan: 'enterprise', token: 'storm-token' }] })
    closers.push(() => cloudflare.close())
    const flaky = await startFlakyApi(cloudflare.apiUrl, random)
    closers.push(() => flaky.close())

    let slackMessages = 0
    const slack = await serve(0, ({ body }) => {
      log(`Slack: ${body.toString().slice(0, 600)}`)
      slackMessages += 1
      return Promise.resolve({ status: 200, body: 'ok' })
    })
    closers.push(() => slack.close())
    const aws = await startAws({ parameters: { [region]: { '/storm/token': 'storm-token', '/storm/webhook': `${slack.url}/hook` } } })
    closers.push(() => aws.close())

    let crashes = 0
    const held = new Map<string, number[]>()
    let peakMemory = 0
    const hear = (line: string, ofIntake: boolean): void => {
      if (line.endsWith('CRASH')) crashes += 1
      const [, pid, bytes, rss] = /MEMORY (\d+) (\d+) (\d+)$/.exec(line) ?? []
      if (!ofIntake || pid === undefined) return
      held.set(pid, [...(held.get(pid) ?? []), Number(bytes)])
      peakMemory = Math.max(peakMemory, Number(rss))
    }
    // Waits are real: the rate limits are.
    const cell = createCell({
      aws,
      config,
      region,
      bundleDir,
      cloudflareApiUrl: flaky.url,
      edgeUrl: cloudflare.edgeUrl,
      waitScale: 1,
      log: (line) => {
        hear(line, false)
      },
    })
    closers.push(() => {
      cell.close()
    })
    const queue = createQueue({ visibilitySeconds: 360, maxReceiveCount: 5 })
    const lambda = createLambda({
      name: 'storm-intake-s3',
      file: join(bundleDir, 'intake-s3', 'index.mjs'),
      region,
      awsUrl: aws.url,
      environment: { STATE_MACHINE_ARN: cell.machine.arn },
      timeoutSeconds: 60,
      log: (line) => {
        hear(line, true)
      },
    })
    const source = startEventSource({
      queue,
      queueArn: 'arn:aws:sqs:us-east-1:000000000000:storm',
      region,
      invoke: (event) => lambda.invoke(event),
      batchSize: batch,
      windowSeconds: 1,
      maxConcurrency: config.intake.maxConcurrency,
      retrySeconds: 4,
      log,
    })
    closers.push(async () => {
      lambda.close()
      await source.stop()
    })

    const startedAt = performance.now()
    /** When each URL's object last changed. */
    const changedAt = new Map<string, number>()
    const keys: string[] = []
    for (let sequence = 1; sequence <= events; sequence += 1) {
      // One event in five is about an object that has just changed: S3 delivers at least once, and people upload again.
      const again = keys.length > 0 && random() < 0.2
      const known = again ? keys[keys.length - 1 - Math.floor(random() * Math.min(distance, keys.length))] : undefined
      const key = known ?? `images/campaign-${keys.length % 97}/photo ${keys.length}.jpg`
      if (known === undefined) keys.push(key)
      changedAt.set(`https://assets.example.com/${key.replaceAll(' ', '%20')}`, performance.now())
      queue.send(notificationOf({ bucket, region, key, eventName: 'ObjectCreated:Put', size: 1000, sequence, at: Date.now() }))
      if (sequence % 2000 === 0) await sleep(1)
    }

    const running = (): number => cell.machine.executions.filter(({ ending }) => ending === undefined).length
    const deadline = performance.now() + 540_000
    let lastTold = 0
    while (performance.now() < deadline) {
      await sleep(100)
      const { visible, inFlight, dead } = queue.counts()
      if (visible + inFlight + running() === 0) break
      if (performance.now() - lastTold > 5000) {
        lastTold = performance.now()
        log(
          `${((lastTold - startedAt) / 1000).toFixed(0).padStart(4)} s  ${visible} waiting, ${inFlight} in flight, ${dead} dead, ${running()} executions running, ${flaky.counts.accepted} requests accepted`,
        )
      }
    }
    const { visible, inFlight, dead } = queue.counts()
    const missed = [...changedAt].filter(([url, at]) => (flaky.purgedAt.get(url) ?? 0) < at).length
    return {
      events,
      distinctUrls: changedAt.size,
      seconds: (performance.now() - startedAt) / 1000,
      executions: cell.machine.executions.length,
      floor: Math.ceil(changedAt.size / batchSize),
      ...flaky.counts,
      missed,
      dead,
      left: visible + inFlight + running(),
      crashes,
      failures: cell.machine.executions.flatMap(({ name, ending }) =>
        ending === undefined || ending.status === 'SUCCEEDED' ? [] : [`${name}: ${JSON.stringify(ending)}`],
      ),
      held: [...held.values()],
      peakMemory,
      slackMessages,
    }
  } finally {
    for (const closer of closers.reverse()) await closer()
  }
}
