import { describe, expect, it } from 'vitest'
import { documents } from '../../ssm/documents.ts'
import { config, main, portal, twoRegions } from './config.ts'
import { granted, grantedFor } from './policies.ts'
import { all, json, named, synthesize, type Attributes, type Synthesized } from './synthesized.ts'

const inRegion = (stack: Synthesized, type: string, region: string): Attributes[] =>
  all(stack, type).filter(({ provider }) => provider === `aws.${region}`)
const resourcesOf = (stack: Synthesized, role: string, action: string) =>
  grantedFor(stack, role, action).flatMap(({ Resource }) => Resource)

describe('targets in two regions', () => {
  const stack = synthesize(twoRegions())

  it.each(['us-east-1', 'eu-west-1'])('give %s a cell of its own', (region) => {
    expect(inRegion(stack, 'aws_sfn_state_machine', region)).toHaveLength(1)
    expect(inRegion(stack, 'aws_ssm_document', region)).toHaveLength(documents.length)
    expect(inRegion(stack, 'aws_cloudwatch_event_rule', region)).toHaveLength(1)
    expect(inRegion(stack, 'aws_sqs_queue', region)).toHaveLength(1)
    expect(inRegion(stack, 'aws_cloudwatch_metric_alarm', region)).toHaveLength(region === 'us-east-1' ? 7 : 4)
    const workers = inRegion(stack, 'aws_lambda_function', region).map((attributes) => attributes['function_name'])
    expect(workers).toEqual(
      expect.arrayContaining([
        'acme-plan-purge',
        'acme-confirm-command',
        'acme-purge-cloudflare',
        'acme-probe-edge',
        'acme-purge-group',
        'acme-notify-slack',
      ]),
    )
    expect(workers).toHaveLength(region === 'us-east-1' ? 7 : 6)
  })

  it('share one endpoint, at home', () => {
    expect(all(stack, 'aws_apigatewayv2_api')).toMatchObject([{ provider: 'aws.us-east-1' }])
    expect(named(stack, 'aws_lambda_function', 'acme-slack-command')['provider']).toBe('aws.us-east-1')
  })

  it('are both reachable from the endpoint', () => {
    const { variables } = named(stack, 'aws_lambda_function', 'acme-slack-command')['environment'] as { variables: Attributes }
    expect(Object.keys(json(variables['STATE_MACHINE_ARNS']) as object).sort()).toEqual(['eu-west-1', 'us-east-1'])
    expect(resourcesOf(stack, 'acme-slack-command-us-east-1', 'states:StartExecution')).toHaveLength(2)
    expect(Object.keys(stack.output['state_machine_arns']?.value as object).sort()).toEqual(['eu-west-1', 'us-east-1'])
  })

  it('have roles of different names, for IAM knows no regions', () => {
    const names = all(stack, 'aws_iam_role').map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  it('keep their instances and credentials to their own cell, and read secrets at home', () => {
    expect(resourcesOf(stack, 'acme-purge-us-east-1', 'ssm:SendCommand').filter((arn) => arn.includes('instance'))).toEqual([
      'arn:aws:ec2:us-east-1:<account>:instance/i-0a1b2c3d4e5f60718',
    ])
    expect(
      granted(stack, 'acme-purge-eu-west-1')
        .flatMap(({ Resource }) => Resource)
        .filter((arn) => arn.includes('us-east-1')),
    ).toEqual([])
    expect(resourcesOf(stack, 'acme-purge-cloudflare-eu-west-1', 'ssm:GetParameters')).toEqual([
      'arn:aws:ssm:us-east-1:<account>:parameter/acme/cloudflare/main',
    ])
    expect(resourcesOf(stack, 'acme-purge-cloudflare-us-east-1', 'ssm:GetParameters')).toEqual([
      'arn:aws:ssm:us-east-1:<account>:parameter/acme/cloudflare/portal',
    ])
    expect(inRegion(stack, 'aws_lambda_function', 'eu-west-1').map(({ environment }) => environment)).toContainEqual({
      variables: { SECRETS_REGION: 'us-east-1' },
    })
  })
})

it('builds no cell at home when no target lives there', () => {
  const stack = synthesize(config({ targets: [portal({ region: 'eu-west-1' })] }))
  expect(inRegion(stack, 'aws_sfn_state_machine', 'us-east-1')).toEqual([])
  expect(inRegion(stack, 'aws_lambda_function', 'us-east-1').map((attributes) => attributes['function_name'])).toEqual([
    'acme-slack-command',
  ])
})

it('shares no resource name between two deployments', () => {
  const namesOf = (name: string) => {
    const stack = synthesize(config({ name, commands: { documentPrefix: `${name}-` } }))
    return Object.entries(stack.resource).flatMap(([type, byId]) =>
      Object.values(byId).flatMap((attributes) => {
        // These are named within their API or function.
        const scoped =
          type === 'aws_apigatewayv2_stage' || type === 'aws_lambda_permission' || type === 'aws_lambda_function_event_invoke_config'
        const own = attributes['name'] ?? attributes['alarm_name'] ?? attributes['function_name']
        return scoped || typeof own !== 'string' ? [] : [`${type} ${own}`]
      }),
    )
  }
  const first = namesOf('first')
  const second = new Set(namesOf('second'))
  expect(first.length).toBeGreaterThan(25)
  expect(first.filter((name) => second.has(name))).toEqual([])
})

it('tags everything in every region, and lets the operator overrule', () => {
  const { provider } = synthesize(config({ tags: { ManagedBy: 'us', Note: '${x}' }, targets: [portal(), main({ region: 'eu-west-1' })] }))
  for (const { default_tags } of provider.aws)
    expect(default_tags).toEqual([{ tags: { Application: 'acme', ManagedBy: 'us', Note: '$${x}' } }])
})

it('lists the parameters that an operator has to fill in', () => {
  expect(synthesize(config()).output['parameters_to_fill_in']?.value).toEqual({
    region: 'us-east-1',
    required: ['/acme/cloudflare/main', '/acme/cloudflare/portal', '/acme/slack/signing-secret', '/acme/slack/webhook-url'],
    duringRotation: ['/acme/slack/previous-signing-secret'],
  })
})

it('links to the state machine in the console', () => {
  expect(synthesize(config()).output['console_links']?.value).toEqual({
    'us-east-1':
      'https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/statemachines/view/<aws_sfn_state_machine acme-purge arn>',
  })
})
