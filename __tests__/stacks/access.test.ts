// Who may do what, to the letter.

import { describe, expect, it } from 'vitest'
import { documents } from '../../ssm/documents.ts'
import { config, main, portal } from './config.ts'
import { everyStatement, granted, grantedFor, statementsIn, trust } from './policies.ts'
import { all, synthesize, type Synthesized } from './synthesized.ts'

const stack = synthesize(config())
const actionsOf = (role: string) => granted(stack, role).flatMap(({ Action }) => Action)
const logging = ['logs:CreateLogStream', 'logs:PutLogEvents', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords']
const parameter = (name: string) => `arn:aws:ssm:us-east-1:<account>:parameter/acme/${name}`

describe('a function', () => {
  it.each(['slack-command', 'plan-purge', 'confirm-command', 'purge-cloudflare', 'probe-edge', 'purge-group', 'notify-slack'])(
    '%s writes to its own log group alone',
    (name) => {
      const [statement, ...others] = grantedFor(stack, `acme-${name}-us-east-1`, 'logs:PutLogEvents')
      expect(others).toEqual([])
      expect(statement?.Resource).toEqual([`<aws_cloudwatch_log_group /aws/lambda/acme-${name} arn>:*`])
    },
  )

  it('slack-command reads the two signing secrets and starts the one state machine', () => {
    const role = 'acme-slack-command-us-east-1'
    expect(actionsOf(role)).toEqual([...logging, 'ssm:GetParameters', 'states:StartExecution'])
    expect(grantedFor(stack, role, 'ssm:GetParameters')[0]?.Resource).toEqual([
      parameter('slack/signing-secret'),
      parameter('slack/previous-signing-secret'),
    ])
    expect(grantedFor(stack, role, 'states:StartExecution')[0]?.Resource).toEqual(['<aws_sfn_state_machine acme-purge arn>'])
  })

  it('plan-purge does nothing but think', () => {
    expect(actionsOf('acme-plan-purge-us-east-1')).toEqual(logging)
  })

  it('purge-group starts and follows the machines of every region, and no other', () => {
    const role = 'acme-purge-group-us-east-1'
    const two = synthesize(config({ targets: [portal(), main({ region: 'eu-west-1' })] }))
    const inBoth = (resource: string) => ['us-east-1', 'eu-west-1'].map((region) => `arn:aws:states:${region}:<account>:${resource}`)
    expect(grantedFor(two, role, 'states:StartExecution')[0]?.Resource).toEqual(inBoth('stateMachine:acme-purge'))
    expect(grantedFor(two, role, 'states:DescribeExecution')[0]?.Resource).toEqual(inBoth('execution:acme-purge:*'))
    expect(actionsOf(role)).toEqual([...logging, 'states:StartExecution', 'states:DescribeExecution'])
  })

  it('confirm-command looks at commands', () => {
    expect(actionsOf('acme-confirm-command-us-east-1')).toEqual([
      ...logging,
      'ssm:ListCommands',
      'ssm:ListCommandInvocations',
      'ssm:GetCommandInvocation',
    ])
  })

  it('purge-cloudflare reads the credentials of its targets', () => {
    const role = 'acme-purge-cloudflare-us-east-1'
    expect(actionsOf(role)).toEqual([...logging, 'ssm:GetParameters'])
    expect(grantedFor(stack, role, 'ssm:GetParameters')[0]?.Resource).toEqual([
      parameter('cloudflare/main'),
      parameter('cloudflare/portal'),
    ])
  })

  it('purge-cloudflare reads a parameter that two targets share once, and none where no target has an edge', () => {
    const { edge } = portal()
    const shared = synthesize(config({ targets: [portal(), main({ edge })] }))
    expect(grantedFor(shared, 'acme-purge-cloudflare-us-east-1', 'ssm:GetParameters')[0]?.Resource).toEqual([
      parameter('cloudflare/portal'),
    ])
    const edgeless = portal()
    delete edgeless.edge
    expect(grantedFor(synthesize(config({ targets: [edgeless] })), 'acme-purge-cloudflare-us-east-1', 'ssm:GetParameters')).toEqual([])
  })

  it('notify-slack reads the webhook and the history of its own machine, and puts away what it cannot report', () => {
    const role = 'acme-notify-slack-us-east-1'
    expect(actionsOf(role)).toEqual([...logging, 'ssm:GetParameters', 'states:GetExecutionHistory', 'sqs:SendMessage'])
    expect(grantedFor(stack, role, 'ssm:GetParameters')[0]?.Resource).toEqual([parameter('slack/webhook-url')])
    expect(grantedFor(stack, role, 'states:GetExecutionHistory')[0]?.Resource).toEqual([
      'arn:aws:states:us-east-1:<account>:execution:acme-purge:*',
    ])
    expect(grantedFor(stack, role, 'sqs:SendMessage')[0]?.Resource).toEqual(['arn:aws:sqs:us-east-1:<account>:acme-unreported'])
  })
})

describe('a customer-managed key', () => {
  const kmsKeyArn = 'arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef'
  const rolesWith = (of: Synthesized, action: string) =>
    all(of, 'aws_iam_role_policy')
      .filter(({ policy }) => statementsIn(policy).some(({ Action }) => Action.includes(action)))
      .map(({ role }) => role)
      .sort()

  it('is used by exactly the roles that read secrets, by way of Parameter Store, from every region', () => {
    const targets = [portal(), main({ region: 'eu-west-1' })]
    const keyed = synthesize(config({ targets, kmsKeyArn }))
    const readers = rolesWith(keyed, 'ssm:GetParameters')
    expect(readers.length).toBeGreaterThanOrEqual(5)
    expect(rolesWith(keyed, 'kms:Decrypt')).toEqual(readers)
    const uses = everyStatement(keyed).filter(({ Action }) => Action.includes('kms:Decrypt'))
    for (const use of uses)
      expect(use).toMatchObject({
        Action: ['kms:Decrypt'],
        Resource: [kmsKeyArn],
        Condition: { StringEquals: { 'kms:ViaService': 'ssm.us-east-1.amazonaws.com' } },
      })
  })

  it("is asked of nobody where the account's own encrypts", () => {
    expect(rolesWith(stack, 'kms:Decrypt')).toEqual([])
  })

  it.each(['alias/acme', 'arn:aws:kms:us-east-1:123456789012:alias/acme', '*', 'arn:aws:kms:us-east-1:123456789012:key/*'])(
    'is named by its ARN alone: not %s',
    (wrong) => {
      expect(() => config({ kmsKeyArn: wrong })).toThrow(/kmsKeyArn[^]*KMS key/)
    },
  )
})

describe('the state machine', () => {
  const role = 'acme-purge-us-east-1'
  const sendCommand = (targets = [portal(), main()]) =>
    grantedFor(synthesize(config({ targets })), role, 'ssm:SendCommand').map(({ Resource, Condition }) => ({ Resource, Condition }))
  const ownDocuments = {
    Resource: documents.map(({ name }) => `<aws_ssm_document TD-${name} arn>`),
    Condition: undefined,
  }
  const anyInstance = ['arn:aws:ec2:us-east-1:<account>:instance/*', 'arn:aws:ssm:us-east-1:<account>:managed-instance/*']

  it('lends its role to itself alone', () => {
    expect(trust(stack, role)).toMatchObject([
      {
        Principal: { Service: 'states.amazonaws.com' },
        Condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws:states:us-east-1:<account>:stateMachine:acme-purge' } },
      },
    ])
  })

  it('invokes its six workers', () => {
    expect(grantedFor(stack, role, 'lambda:InvokeFunction').map(({ Resource }) => Resource)).toEqual([
      ['plan-purge', 'confirm-command', 'purge-cloudflare', 'probe-edge', 'notify-slack', 'purge-group'].map(
        (name) => `<aws_lambda_function acme-${name} arn>`,
      ),
    ])
  })

  it('sends its own documents, to instances by exact id and by tag, each in a statement of its own', () => {
    expect(sendCommand()).toEqual([
      ownDocuments,
      { Resource: ['arn:aws:ec2:us-east-1:<account>:instance/i-0a1b2c3d4e5f60718'], Condition: undefined },
      { Resource: anyInstance, Condition: { StringEquals: { 'ssm:resourceTag/Site': ['main'] } } },
    ])
  })

  it('reaches no instance by tag where every target names ids, and none by id where every target names a tag', () => {
    expect(sendCommand([portal()])).toEqual([
      ownDocuments,
      { Resource: [expect.stringContaining('instance/i-0a1b2c3d4e5f60718')], Condition: undefined },
    ])
    expect(sendCommand([main()]).map(({ Resource }) => Resource)).toEqual([ownDocuments.Resource, anyInstance])
  })

  it('takes a managed instance for what it is', () => {
    const [, onIds] = sendCommand([portal({ instances: { ids: ['mi-0123456789abcdef0'] } })])
    expect(onIds?.Resource).toEqual(['arn:aws:ssm:us-east-1:<account>:managed-instance/mi-0123456789abcdef0'])
  })

  it('keeps tag keys apart, and joins the values of one key', () => {
    const tagged = (id: string, key: string, values: string[]) => main({ id, instances: { tag: { key, values } } })
    const [, ...onTags] = sendCommand([tagged('a', 'Site', ['a', 'b']), tagged('b', 'Role', ['web']), tagged('c', 'Site', ['b', 'c'])])
    expect(onTags.map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { 'ssm:resourceTag/Site': ['a', 'b', 'c'] } },
      { StringEquals: { 'ssm:resourceTag/Role': ['web'] } },
    ])
  })

  it('holds an instance to all of several tags, and takes an Auto Scaling group for the tag that it is', () => {
    const tags = [
      { key: 'Site', values: ['main'] },
      { key: 'Stage', values: ['blue', 'green'] },
    ]
    const [, ...onTags] = sendCommand([main({ instances: { tags, autoScalingGroup: 'web' } })])
    expect(onTags.map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { 'ssm:resourceTag/aws:autoscaling:groupName': ['web'] } },
      { StringEquals: { 'ssm:resourceTag/Site': ['main'], 'ssm:resourceTag/Stage': ['blue', 'green'] } },
    ])
  })

  it('refuses more instance ids than a policy holds, and says what to do', () => {
    const many = (id: string, digit: string) =>
      portal({ id, instances: { ids: Array.from({ length: 40 }, (_, index) => `i-${digit}000000${String(index).padStart(2, '0')}`) } })
    expect(() => synthesize(config({ targets: [many('a', '1'), many('b', '2'), many('c', '3')] }))).toThrow(
      /us-east-1 name 120 instances by id.*by a tag/,
    )
  })
})
