// The way of a bucket's events to the state machine: queue, dead-letter queue, and intake-s3, which reads the queue.

import { LambdaEventSourceMapping } from '@cdktf/provider-aws/lib/lambda-event-source-mapping/index.js'
import { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue/index.js'
import { Construct } from 'constructs'
import type { Config, Target } from '../../config/schema.ts'
import { arnOf, type Placement } from '../placement.ts'
import { attachBuckets, sourceStatements, undeliveredStatements } from './bucket-events.ts'
import { NodeFunction } from './node-function.ts'

export interface BucketIntakeProps {
  readonly placement: Placement
  /** The targets of this region, at least one of them with a bucket. */
  readonly targets: readonly Target[]
  readonly intake: Config['intake']
  readonly stateMachineArn: string
}

const policyJson = (statements: readonly object[]): string => JSON.stringify({ Version: '2012-10-17', Statement: statements })

const day = 24 * 3600
/** Seconds; of the function. */
const timeout = 60
/** Deliveries of one message. Crashes and throttled calls are over by then; what is still here is a message that nobody can read. */
const maxReceiveCount = 5
/** The most that Lambda takes; the 6 MB of an invocation end a batch at some 4,000 events. */
const batchSize = 10_000

export class BucketIntake extends Construct {
  /** Name of the queue of events that could not be turned into a purge. */
  readonly deadName: string

  constructor(scope: Construct, id: string, { placement, targets, intake, stateMachineArn }: BucketIntakeProps) {
    super(scope, id)
    const { provider, prefix } = placement
    const queueName = `${prefix}-bucket-events`
    const deadName = `${queueName}-dead`
    const queueArn = arnOf(placement, 'sqs', queueName)
    const undelivered = undeliveredStatements(placement, targets, arnOf(placement, 'sqs', deadName))

    const dead = new SqsQueue(this, 'dead', {
      provider,
      name: deadName,
      sqsManagedSseEnabled: true,
      // A message keeps its age when it moves here, so this is longer than the queue's own.
      messageRetentionSeconds: 14 * day,
      redriveAllowPolicy: JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [queueArn] }),
      ...(undelivered.length > 0 && { policy: policyJson(undelivered) }),
    })
    const queue = new SqsQueue(this, 'queue', {
      provider,
      name: queueName,
      sqsManagedSseEnabled: true,
      messageRetentionSeconds: 4 * day,
      // AWS advises six times the function's time-out, and the window on top.
      visibilityTimeoutSeconds: 6 * timeout + intake.batchWindowSeconds,
      redrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount }),
      // Inline: a policy resource of its own takes Terraform 25 s more.
      policy: policyJson(sourceStatements(placement, targets, queueArn)),
    })
    const reader = new NodeFunction(this, 'intake-s3', {
      placement,
      description: 'Reads the events of the buckets and starts the purges',
      memory: 512,
      timeout,
      environment: { STATE_MACHINE_ARN: stateMachineArn },
      statements: [
        { actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], resources: [queueArn] },
        { actions: ['states:StartExecution'], resources: [stateMachineArn] },
      ],
    })
    new LambdaEventSourceMapping(this, 'mapping', {
      provider,
      eventSourceArn: queue.arn,
      functionName: reader.arn,
      batchSize,
      maximumBatchingWindowInSeconds: intake.batchWindowSeconds,
      scalingConfig: { maximumConcurrency: intake.maxConcurrency },
      functionResponseTypes: ['ReportBatchItemFailures'],
      // Lambda checks that it may read the queue.
      dependsOn: [reader.role.policy],
    })
    attachBuckets(this, { placement, targets, queue, deadArn: dead.arn })
    this.deadName = deadName
  }
}
