// Rules that hold for every resource there is or will be, whatever the config.

import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../config/load.ts'
import shipped from '../targets.ts'
import { config, twoRegions } from './config.ts'
import { everyStatement, granted, list, statementsIn } from './policies.ts'
import { all, synthesize, type Attributes } from './synthesized.ts'

/** Every resource with a star in it, and why AWS, or the purpose, leaves no narrower one. */
const starAllowed: readonly { readonly actions: readonly string[]; readonly resource: RegExp; readonly reason: string }[] = [
  {
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
    resource: /^\*$/,
    reason: 'X-Ray takes no resource',
  },
  {
    actions: ['ssm:ListCommands', 'ssm:CancelCommand', 'ssm:ListCommandInvocations', 'ssm:GetCommandInvocation'],
    resource: /^\*$/,
    reason: 'a command has no ARN',
  },
  {
    actions: [
      'logs:CreateLogDelivery',
      'logs:GetLogDelivery',
      'logs:UpdateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:DescribeResourcePolicies',
      'logs:DescribeLogGroups',
    ],
    resource: /^\*$/,
    reason: 'log delivery takes no resource',
  },
  {
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resource: /^<aws_cloudwatch_log_group [^*]+ arn>:\*$/,
    reason: 'the streams of one group',
  },
  {
    actions: ['states:GetExecutionHistory', 'states:DescribeExecution'],
    resource: /^arn:aws:states:[^:*]+:<account>:execution:[^:*]+:\*$/,
    reason: 'the executions of one machine',
  },
  {
    actions: ['ssm:SendCommand'],
    resource: /^arn:aws:(ec2:[^:*]+:<account>:instance|ssm:[^:*]+:<account>:managed-instance)\/\*$/,
    reason: 'the tag condition narrows it',
  },
]

const described = (attributes: Attributes): string => JSON.stringify(attributes).slice(0, 200)

describe.each([
  ['the shipped config', loadConfig(shipped)],
  ['one region', config()],
  ['two regions', twoRegions()],
])('with %s', (_, given) => {
  const stack = synthesize(given)
  const everything = Object.values(stack.resource).flatMap((byId) => Object.values(byId))

  it('grants no action by wildcard, and allows only', () => {
    const statements = everyStatement(stack)
    expect(statements.length).toBeGreaterThan(0)
    expect(statements.filter(({ Effect }) => Effect !== 'Allow')).toEqual([])
    expect(statements.flatMap(({ Action }) => list(Action)).filter((action) => !/^[a-z]+:[A-Za-z]+$/.test(action))).toEqual([])
  })

  it('grants a resource with a star only where a reason is on the list', () => {
    const unreasoned = everyStatement(stack).flatMap(({ Action, Resource }) =>
      list(Resource)
        .filter((resource) => resource.includes('*'))
        .flatMap((resource) => list(Action).map((action) => ({ action, resource })))
        .filter(
          ({ action, resource }) => !starAllowed.some((allowed) => allowed.actions.includes(action) && allowed.resource.test(resource)),
        ),
    )
    expect(unreasoned).toEqual([])
  })

  it('sends commands to a starred resource only under a tag condition', () => {
    const starred = everyStatement(stack).filter(
      ({ Action, Resource }) => Action.includes('ssm:SendCommand') && list(Resource).some((resource) => resource.includes('*')),
    )
    for (const { Condition } of starred)
      expect(Object.keys(Condition?.['StringEquals'] ?? {})).toEqual([expect.stringMatching(/^ssm:resourceTag\/.+/)])
  })

  it('lets no role be used for another account', () => {
    const roles = all(stack, 'aws_iam_role')
    expect(roles.length).toBeGreaterThan(0)
    for (const role of roles) {
      const [statement, ...others] = statementsIn(role['assume_role_policy'])
      expect(others).toEqual([])
      expect(statement?.Action).toBe('sts:AssumeRole')
      expect(statement?.Condition?.['StringEquals']).toEqual({ 'aws:SourceAccount': '<account>' })
    }
  })

  it('attaches no managed policy', () => {
    expect(Object.keys(stack.resource).filter((type) => type.includes('policy_attachment'))).toEqual([])
    expect(all(stack, 'aws_iam_role').filter((role) => 'managed_policy_arns' in role)).toEqual([])
  })

  it('lets each service invoke a function from one source only', () => {
    const permissions = all(stack, 'aws_lambda_permission')
    expect(permissions.length).toBeGreaterThan(0)
    expect(permissions.filter((permission) => permission['source_arn'] === undefined).map(described)).toEqual([])
  })

  it('keeps every log for as long as the config says', () => {
    const retentions = all(stack, 'aws_cloudwatch_log_group').map((group) => group['retention_in_days'])
    expect(new Set(retentions)).toEqual(new Set([given.logRetentionDays]))
  })

  it('encrypts every queue', () => {
    const queues = all(stack, 'aws_sqs_queue')
    expect(queues.length).toBeGreaterThan(0)
    expect(queues.filter((queue) => queue['sqs_managed_sse_enabled'] !== true)).toEqual([])
  })

  it('puts away what an asynchronous call could not deliver, before and after Lambda took it', () => {
    const targets = all(stack, 'aws_cloudwatch_event_target')
    expect(targets.length).toBeGreaterThan(0)
    for (const target of targets) {
      expect(target['dead_letter_config']).toEqual({ arn: expect.stringMatching(/^<aws_sqs_queue .+ arn>$/) as unknown })
      const functionName = String(target['arn']).replace(' arn>', ' function_name>')
      const invokeConfig = all(stack, 'aws_lambda_function_event_invoke_config').find(
        (candidate) => candidate['function_name'] === functionName && candidate['provider'] === target['provider'],
      )
      expect(invokeConfig?.['destination_config']).toEqual({
        on_failure: { destination: (target['dead_letter_config'] as Attributes)['arn'] },
      })
    }
  })

  it('owns no instance, bucket, topic, network or key: what was there before is referred to by name', () => {
    const owned = new Set([
      'aws_apigatewayv2_api',
      'aws_apigatewayv2_integration',
      'aws_apigatewayv2_route',
      'aws_apigatewayv2_stage',
      'aws_cloudwatch_dashboard',
      'aws_cloudwatch_event_rule',
      'aws_cloudwatch_event_target',
      'aws_cloudwatch_log_group',
      'aws_cloudwatch_log_metric_filter',
      'aws_cloudwatch_metric_alarm',
      'aws_iam_role',
      'aws_iam_role_policy',
      'aws_lambda_event_source_mapping',
      'aws_lambda_function',
      'aws_lambda_function_event_invoke_config',
      'aws_lambda_permission',
      // The notifications of a bucket, not the bucket.
      'aws_s3_bucket_notification',
      'aws_sfn_state_machine',
      'aws_sqs_queue',
      'aws_ssm_document',
    ])
    expect(Object.keys(stack.resource).filter((type) => !owned.has(type))).toEqual([])
    expect(Object.keys(stack.data)).toEqual(['aws_caller_identity'])
  })

  it('grants the state machine every call that its definition makes', () => {
    for (const machine of all(stack, 'aws_sfn_state_machine')) {
      const definition = String(machine['definition'])
      const calls = [...definition.matchAll(/"arn:aws:states:::aws-sdk:([a-z]+):([a-z][A-Za-z]+)"/g)].map(
        ([, service, action = '']) => `${service}:${action.charAt(0).toUpperCase()}${action.slice(1)}`,
      )
      expect(calls).toContain('ssm:SendCommand')
      const role = `${given.name}-purge-${String(machine['provider']).replace('aws.', '')}`
      const actions = granted(stack, role).flatMap(({ Action }) => Action)
      expect(calls.filter((call) => !actions.includes(call)).map((call) => `${role} lacks ${call}`)).toEqual([])
    }
  })

  it('keeps no name by chance: what is named by the provider would be another one after a replacement', () => {
    expect(everything.filter((attributes) => Object.keys(attributes).some((key) => key.endsWith('_prefix'))).map(described)).toEqual([])
  })

  it('neither creates nor reads a secret', () => {
    expect([...Object.keys(stack.resource), ...Object.keys(stack.data)].filter((type) => /ssm_parameter|secret/.test(type))).toEqual([])
  })

  it('names the region of every resource', () => {
    const aliases = stack.provider.aws.map(({ region, alias }) => {
      expect(alias).toBe(region)
      return `aws.${String(alias)}`
    })
    expect(everything.filter((attributes) => !aliases.includes(String(attributes['provider']))).map(described)).toEqual([])
  })
})
