// The local counterpart of stacks/constructs/bucket-intake.ts: for one region the folders that emulate its buckets, their queue, and intake-s3.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../../config/schema.ts'
import { startBucket, type Bucket } from '../aws/s3/bucket.ts'
import { createDeployedFunction } from '../aws/lambda/deployed-function.ts'
import { startEventSource } from '../aws/sqs/event-source.ts'
import { createQueue, type Queue } from '../aws/sqs/sqs.ts'

export interface IntakeOptions {
  readonly config: Config
  readonly region: string
  readonly stateMachineArn: string
  readonly awsUrl: string
  readonly bundleDir: string
  /** Gets a folder for each bucket, named as the bucket. */
  readonly bucketsDir: string
  /** Before a message that could not be worked on is delivered again. */
  readonly retrySeconds: number
  readonly log: (line: string) => void
}

export interface Intake {
  readonly queue: Queue
  close(): Promise<void>
}

/** Shorter than deployed, where a single upload waits five seconds for company. */
const windowSeconds = 0.5
const timeoutSeconds = 60

export const bucketNames = ({ targets }: Pick<Config, 'targets'>, region?: string): string[] => [
  ...new Set(
    targets.flatMap((target) => (target.bucket && (region === undefined || target.region === region) ? [target.bucket.name] : [])),
  ),
]

export const startIntake = async ({
  config,
  region,
  stateMachineArn,
  awsUrl,
  bundleDir,
  bucketsDir,
  retrySeconds,
  log,
}: IntakeOptions): Promise<Intake> => {
  const queue = createQueue({ visibilitySeconds: 6 * timeoutSeconds, maxReceiveCount: 5 })
  const lambda = createDeployedFunction({
    prefix: config.name,
    folder: 'intake-s3',
    bundleDir,
    region,
    awsUrl,
    environment: { STATE_MACHINE_ARN: stateMachineArn },
    timeoutSeconds,
    log,
  })
  const source = startEventSource({
    queue,
    queueArn: `arn:aws:sqs:${region}:000000000000:${config.name}-bucket-events`,
    region,
    invoke: (event) => lambda.invoke(event),
    batchSize: 10_000,
    windowSeconds,
    retrySeconds,
    maxConcurrency: config.intake.maxConcurrency,
    log: (line) => {
      log(`${config.name}-intake-s3: ${line}`)
    },
  })
  const buckets: Bucket[] = []
  for (const bucket of bucketNames(config, region)) {
    const directory = join(bucketsDir, bucket)
    await mkdir(directory, { recursive: true })
    buckets.push(startBucket({ name: bucket, region, directory, notify: queue.send }))
  }
  return {
    queue,
    close: async () => {
      await Promise.all(buckets.map((bucket) => bucket.stop()))
      // The function first: a batch under way need not end.
      lambda.close()
      await source.stop()
    },
  }
}
