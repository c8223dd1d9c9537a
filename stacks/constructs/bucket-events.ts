// Attaches existing buckets to the queue, in the way that each asks for. docs/adr/0005 says why there are three.

import { createHash } from 'node:crypto'
import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule/index.js'
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target/index.js'
import { S3BucketNotification } from '@cdktf/provider-aws/lib/s3-bucket-notification/index.js'
import type { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue/index.js'
import type { Construct } from 'constructs'
import type { BucketSource } from '../../config/bucket.ts'
import type { Target } from '../../config/schema.ts'
import { literal } from '../literal.ts'
import { arnOf, type Placement } from '../placement.ts'

/** What changes what visitors get. An expired object is removed without an event of the kind ObjectRemoved. */
const events = [
  's3:ObjectCreated:*',
  's3:ObjectRemoved:*',
  's3:ObjectRestore:Completed',
  's3:ObjectRestore:Delete',
  's3:LifecycleExpiration:*',
]
const busEvents = ['Object Created', 'Object Deleted', 'Object Restore Completed', 'Object Restore Expired']

interface Attached {
  readonly name: string
  readonly attach: BucketSource['attach']
  /** None begins with another: S3 refuses notifications that overlap. */
  readonly prefixes: readonly string[]
}

const attachedBuckets = (targets: readonly Target[]): Attached[] => {
  const sources = targets.flatMap(({ bucket }) => (bucket ? [bucket] : []))
  return [...new Set(sources.map(({ name }) => name))].sort().map((name) => {
    const own = sources.filter((source) => source.name === name)
    const all = [...new Set(own.map(({ prefix }) => prefix))].sort()
    const prefixes = all.filter((prefix) => !all.some((other) => other !== prefix && prefix.startsWith(other)))
    return { name, attach: own[0]?.attach ?? 'external', prefixes }
  })
}

/** A rule's name has 64 characters at most, and a bucket's 63. */
const ruleName = ({ prefix }: Placement, bucket: string): string =>
  `${prefix}-${bucket.slice(0, 30)}-${createHash('sha256').update(bucket).digest('hex').slice(0, 8)}`

/** A filter takes its text as the keys of events have it. */
const encodedFilter = (prefix: string): string => prefix.split('/').map(encodeURIComponent).join('/').replaceAll('%20', '+')

const sending = (placement: Placement, queueArn: string, Service: string, source: string): object => ({
  Effect: 'Allow',
  Principal: { Service },
  Action: 'sqs:SendMessage',
  Resource: queueArn,
  Condition: { ArnEquals: { 'aws:SourceArn': source }, StringEquals: { 'aws:SourceAccount': placement.account } },
})

const ruleStatement = (placement: Placement, bucket: string, queueArn: string): object =>
  sending(placement, queueArn, 'events.amazonaws.com', arnOf(placement, 'events', `rule/${ruleName(placement, bucket)}`))

/** Who may put messages into the queue: each bucket, or the rule that stands for it. */
export const sourceStatements = (placement: Placement, targets: readonly Target[], queueArn: string): object[] =>
  attachedBuckets(targets).map(({ name, attach }) =>
    attach === 'eventbridge'
      ? ruleStatement(placement, name, queueArn)
      : sending(placement, queueArn, 's3.amazonaws.com', `arn:aws:s3:::${name}`),
  )

/** Who may put messages into the dead-letter queue, beside SQS itself: rules that could not deliver. */
export const undeliveredStatements = (placement: Placement, targets: readonly Target[], deadArn: string): object[] =>
  attachedBuckets(targets).flatMap(({ name, attach }) => (attach === 'eventbridge' ? [ruleStatement(placement, name, deadArn)] : []))

export interface AttachProps {
  readonly placement: Placement
  readonly targets: readonly Target[]
  readonly queue: SqsQueue
  readonly deadArn: string
}

export const attachBuckets = (scope: Construct, { placement, targets, queue, deadArn }: AttachProps): void => {
  const { provider, prefix: deployment } = placement
  for (const { name, attach, prefixes } of attachedBuckets(targets)) {
    if (attach === 'notification') {
      new S3BucketNotification(scope, `notification-${name}`, {
        provider,
        bucket: name,
        queue: prefixes.map((prefix, index) => ({
          id: `${deployment}-${index}`,
          queueArn: queue.arn,
          events,
          ...(prefix !== '' && { filterPrefix: literal(encodedFilter(prefix)) }),
        })),
      })
    } else if (attach === 'eventbridge') {
      const rule = new CloudwatchEventRule(scope, `rule-${name}`, {
        provider,
        name: ruleName(placement, name),
        description: `Changes of objects in ${name}`,
        eventPattern: literal(
          JSON.stringify({
            source: ['aws.s3'],
            'detail-type': busEvents,
            detail: {
              bucket: { name: [name] },
              ...(!prefixes.includes('') && { object: { key: prefixes.map((prefix) => ({ prefix })) } }),
            },
          }),
        ),
      })
      new CloudwatchEventTarget(scope, `target-${name}`, {
        provider,
        rule: rule.name,
        targetId: 'bucket-events',
        arn: queue.arn,
        deadLetterConfig: { arn: deadArn },
      })
    }
  }
}
