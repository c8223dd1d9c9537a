import { describe, expect, it } from 'vitest'
import { renderPurge } from '../../statemachines/purge.ts'
import { config } from './config.ts'
import { statementsIn } from './policies.ts'
import { all, json, named, synthesize, type Attributes } from './synthesized.ts'

const stack = synthesize(config())
const machine = named(stack, 'aws_sfn_state_machine', 'acme-purge')

describe('the state machine', () => {
  it('runs purge.asl.json with its own functions', () => {
    const arn = (name: string) => `<aws_lambda_function acme-${name} arn>`
    expect(json(machine['definition'])).toEqual(
      json(
        renderPurge({
          PlanPurgeArn: arn('plan-purge'),
          ConfirmCommandArn: arn('confirm-command'),
          PurgeCloudflareArn: arn('purge-cloudflare'),
          ProbeEdgeArn: arn('probe-edge'),
          PurgeGroupArn: arn('purge-group'),
          NotifySlackArn: arn('notify-slack'),
        }),
      ),
    )
  })

  it('is a standard workflow, logged in full to a group of its own, and traced', () => {
    expect(machine).toMatchObject({
      type: 'STANDARD',
      logging_configuration: {
        level: 'ALL',
        include_execution_data: true,
        log_destination: '<aws_cloudwatch_log_group /aws/vendedlogs/states/acme-purge arn>:*',
      },
      tracing_configuration: { enabled: true },
    })
  })

  it('is created after its permissions, without which AWS refuses it', () => {
    expect(machine['depends_on']).toEqual([expect.stringMatching(/^aws_iam_role_policy\./)])
  })
})

describe('an ending that the machine could not report', () => {
  it('is every failure, time-out and abort of this machine', () => {
    expect(json(named(stack, 'aws_cloudwatch_event_rule', 'acme-failed-purges')['event_pattern'])).toEqual({
      source: ['aws.states'],
      'detail-type': ['Step Functions Execution Status Change'],
      detail: { stateMachineArn: ['<aws_sfn_state_machine acme-purge arn>'], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
    })
  })

  it('reaches notify-slack, tried again for an hour', () => {
    expect(all(stack, 'aws_cloudwatch_event_target')).toMatchObject([
      {
        rule: '<aws_cloudwatch_event_rule acme-failed-purges name>',
        arn: '<aws_lambda_function acme-notify-slack arn>',
        retry_policy: { maximum_event_age_in_seconds: 3600, maximum_retry_attempts: 20 },
      },
    ])
    expect(all(stack, 'aws_lambda_permission')).toContainEqual(
      expect.objectContaining({
        function_name: '<aws_lambda_function acme-notify-slack function_name>',
        principal: 'events.amazonaws.com',
        source_arn: '<aws_cloudwatch_event_rule acme-failed-purges arn>',
        source_account: '<account>',
      }),
    )
  })

  it('waits two weeks in a queue that only this rule writes to', () => {
    const queue = named(stack, 'aws_sqs_queue', 'acme-unreported')
    expect(queue['message_retention_seconds']).toBe(1_209_600)
    expect(statementsIn(queue['policy'])).toEqual([
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: 'arn:aws:sqs:us-east-1:<account>:acme-unreported',
        Condition: {
          ArnEquals: { 'aws:SourceArn': '<aws_cloudwatch_event_rule acme-failed-purges arn>' },
          StringEquals: { 'aws:SourceAccount': '<account>' },
        },
      },
    ])
  })
})

describe('the alarms', () => {
  const topic = 'arn:aws:sns:us-east-1:123456789012:operators'

  it('ring at the first event in the queue', () => {
    expect(named(stack, 'aws_cloudwatch_metric_alarm', 'acme-unreported')).toMatchObject({
      namespace: 'AWS/SQS',
      metric_name: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName: 'acme-unreported' },
      comparison_operator: 'GreaterThanThreshold',
      threshold: 0,
      treat_missing_data: 'notBreaching',
    })
  })

  it('ring at the first purge that failed, left the old copy, or was not proven by its probes', () => {
    const queries = named(stack, 'aws_cloudwatch_metric_alarm', 'acme-not-verified')['metric_query'] as readonly Attributes[]
    const metrics = queries.flatMap(({ metric }) => (metric === undefined ? [] : [metric as Attributes]))
    expect(metrics.map((metric) => [metric['metric_name'], metric['dimensions']])).toEqual(
      ['failed', 'stale', 'unproven'].map((Verdict) => ['Purges', { Verdict }]),
    )
    expect(queries.at(-1)).toMatchObject({ expression: 'FILL(m0, 0) + FILL(m1, 0) + FILL(m2, 0)', return_data: true })
  })

  it('tell the topics of their region, if there are any', () => {
    const told = synthesize(config({ alarmTopicArns: { 'us-east-1': [topic], 'eu-west-1': [topic.replace('us-east-1', 'eu-west-1')] } }))
    for (const alarm of all(told, 'aws_cloudwatch_metric_alarm')) expect(alarm['alarm_actions']).toEqual([topic])
    for (const alarm of all(stack, 'aws_cloudwatch_metric_alarm')) expect(alarm['alarm_actions']).toEqual([])
  })
})
