import { describe, expect, it } from 'vitest'
import { assets, config, main, portal } from './config.ts'
import { granted, grantedFor, statementsIn } from './policies.ts'
import { all, json, named, synthesize, type Attributes } from './synthesized.ts'

const synthesized = (...targets: ReturnType<typeof assets>[]) => synthesize(config({ targets: [portal(), main(), ...targets] }))
const stack = synthesized(assets())
const queue = named(stack, 'aws_sqs_queue', 'acme-bucket-events')
const notifications = (given: typeof stack) => all(given, 'aws_s3_bucket_notification')
const queuesOf = (notification: Attributes | undefined) => notification?.['queue'] as readonly Attributes[]

describe('the queue', () => {
  it('takes messages of the bucket in this account, and of nobody else', () => {
    expect(statementsIn(queue['policy'])).toEqual([
      {
        Effect: 'Allow',
        Principal: { Service: 's3.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: 'arn:aws:sqs:us-east-1:<account>:acme-bucket-events',
        Condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws:s3:::acme-assets' }, StringEquals: { 'aws:SourceAccount': '<account>' } },
      },
    ])
  })

  it('gives a message up after five deliveries, to a queue that keeps it for longer', () => {
    expect(json(queue['redrive_policy'])).toEqual({
      deadLetterTargetArn: '<aws_sqs_queue acme-bucket-events-dead arn>',
      maxReceiveCount: 5,
    })
    const dead = named(stack, 'aws_sqs_queue', 'acme-bucket-events-dead')
    expect(Number(dead['message_retention_seconds'])).toBeGreaterThan(Number(queue['message_retention_seconds']))
    expect(json(dead['redrive_allow_policy'])).toEqual({
      redrivePermission: 'byQueue',
      sourceQueueArns: ['arn:aws:sqs:us-east-1:<account>:acme-bucket-events'],
    })
  })

  it('hides a message for six times as long as the function may run, and the window', () => {
    const { timeout } = named(stack, 'aws_lambda_function', 'acme-intake-s3')
    expect(queue['visibility_timeout_seconds']).toBe(6 * Number(timeout) + 5)
  })

  it('rings at the first message that is given up, and tells the topics of the region', () => {
    const topic = 'arn:aws:sns:us-east-1:123456789012:operators'
    const told = synthesize(config({ targets: [assets()], alarmTopicArns: { 'us-east-1': [topic] } }))
    expect(named(told, 'aws_cloudwatch_metric_alarm', 'acme-bucket-events-dead')).toMatchObject({
      dimensions: { QueueName: 'acme-bucket-events-dead' },
      metric_name: 'ApproximateNumberOfMessagesVisible',
      threshold: 0,
      comparison_operator: 'GreaterThanThreshold',
      alarm_actions: [topic],
    })
  })
})

describe('intake-s3', () => {
  const mapping = all(stack, 'aws_lambda_event_source_mapping')

  it('reads large batches, few at a time, and says which messages failed', () => {
    expect(mapping).toMatchObject([
      {
        event_source_arn: '<aws_sqs_queue acme-bucket-events arn>',
        function_name: '<aws_lambda_function acme-intake-s3 arn>',
        batch_size: 10_000,
        maximum_batching_window_in_seconds: 5,
        scaling_config: { maximum_concurrency: 2 },
        function_response_types: ['ReportBatchItemFailures'],
      },
    ])
  })

  it('waits and runs as configured', () => {
    const given = synthesize(config({ targets: [assets()], intake: { batchWindowSeconds: 60, maxConcurrency: 3 } }))
    expect(all(given, 'aws_lambda_event_source_mapping')).toMatchObject([
      { maximum_batching_window_in_seconds: 60, scaling_config: { maximum_concurrency: 3 } },
    ])
    expect(named(given, 'aws_sqs_queue', 'acme-bucket-events')['visibility_timeout_seconds']).toBe(420)
  })

  it('may read its queue and start the one state machine, and nothing else', () => {
    const role = 'acme-intake-s3-us-east-1'
    expect(granted(stack, role).flatMap(({ Action }) => Action)).toEqual([
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'xray:PutTraceSegments',
      'xray:PutTelemetryRecords',
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'states:StartExecution',
    ])
    expect(grantedFor(stack, role, 'sqs:ReceiveMessage')[0]?.Resource).toEqual(['arn:aws:sqs:us-east-1:<account>:acme-bucket-events'])
    expect(grantedFor(stack, role, 'states:StartExecution')[0]?.Resource).toEqual(['<aws_sfn_state_machine acme-purge arn>'])
    expect(named(stack, 'aws_lambda_function', 'acme-intake-s3')['environment']).toEqual({
      variables: { STATE_MACHINE_ARN: '<aws_sfn_state_machine acme-purge arn>' },
    })
  })

  it('is not there where no target has a bucket', () => {
    expect(all(synthesized(), 'aws_lambda_event_source_mapping')).toEqual([])
  })
})

describe('a bucket', () => {
  it('notifies of all that changes what visitors get, also when an object expires', () => {
    expect(notifications(stack)).toEqual([
      expect.objectContaining({
        bucket: 'acme-assets',
        queue: [
          {
            id: 'acme-0',
            queue_arn: '<aws_sqs_queue acme-bucket-events arn>',
            events: [
              's3:ObjectCreated:*',
              's3:ObjectRemoved:*',
              's3:ObjectRestore:Completed',
              's3:ObjectRestore:Delete',
              's3:LifecycleExpiration:*',
            ],
          },
        ],
      }),
    ])
  })

  it('that serves several targets has one notification, with a filter for each prefix and none that overlap', () => {
    const given = synthesized(
      assets({ prefix: 'img/' }, { id: 'a' }),
      assets({ prefix: 'img/new/' }, { id: 'b' }),
      assets({ prefix: 'css ü/' }, { id: 'c' }),
    )
    expect(notifications(given)).toHaveLength(1)
    expect(queuesOf(notifications(given)[0]).map((entry) => entry['filter_prefix'])).toEqual(['css+%C3%BC/', 'img/'])
    expect(statementsIn(named(given, 'aws_sqs_queue', 'acme-bucket-events')['policy'])).toHaveLength(1)
  })

  it('keeps its own notifications where it is attached from outside', () => {
    const given = synthesized(assets({ attach: 'external' }))
    expect(notifications(given)).toEqual([])
    expect(statementsIn(named(given, 'aws_sqs_queue', 'acme-bucket-events')['policy'])).toMatchObject([
      { Condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws:s3:::acme-assets' } } },
    ])
  })

  it('keeps its own notifications where EventBridge carries the events', () => {
    const given = synthesized(assets({ attach: 'eventbridge', prefix: 'img/' }))
    expect(notifications(given)).toEqual([])
    const rule = all(given, 'aws_cloudwatch_event_rule').find(({ name }) => name !== 'acme-failed-purges')
    expect(json(rule?.['event_pattern'])).toEqual({
      source: ['aws.s3'],
      'detail-type': ['Object Created', 'Object Deleted', 'Object Restore Completed', 'Object Restore Expired'],
      detail: { bucket: { name: ['acme-assets'] }, object: { key: [{ prefix: 'img/' }] } },
    })
    expect(all(given, 'aws_cloudwatch_event_target')).toContainEqual(
      expect.objectContaining({
        arn: '<aws_sqs_queue acme-bucket-events arn>',
        dead_letter_config: { arn: '<aws_sqs_queue acme-bucket-events-dead arn>' },
      }),
    )
    for (const name of ['acme-bucket-events', 'acme-bucket-events-dead']) {
      expect(statementsIn(named(given, 'aws_sqs_queue', name)['policy'])).toMatchObject([
        {
          Principal: { Service: 'events.amazonaws.com' },
          Condition: { ArnEquals: { 'aws:SourceArn': `arn:aws:events:us-east-1:<account>:rule/${String(rule?.['name'])}` } },
        },
      ])
    }
  })

  it.each(['a', 'b'.repeat(63)])('has a rule whose name fits, and is its own: %s', (name) => {
    const given = synthesize(config({ name: 'n'.repeat(20), targets: [assets({ name: `${name}00`.slice(0, 63), attach: 'eventbridge' })] }))
    for (const rule of all(given, 'aws_cloudwatch_event_rule')) expect(String(rule['name']).length).toBeLessThanOrEqual(64)
  })
})
