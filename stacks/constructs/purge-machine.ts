// The state machine of one region: statemachines/purge.asl.json with the region's functions in it, logged and traced.

import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group/index.js'
import { SfnStateMachine } from '@cdktf/provider-aws/lib/sfn-state-machine/index.js'
import { Construct } from 'constructs'
import type { Target } from '../../config/schema.ts'
import { renderPurge, type PurgeSubstitutions } from '../../statemachines/purge.ts'
import { stateMachineName, type Placement } from '../placement.ts'
import { sendCommandStatements } from '../send-command.ts'
import { everyResource, ServiceRole, xrayStatement, type Statement } from './service-role.ts'

export interface PurgeMachineProps {
  readonly placement: Placement
  /** The ARN for each placeholder of the definition. */
  readonly functionArns: PurgeSubstitutions
  readonly documentArns: readonly string[]
  /** The targets of this region: their instances are the only ones that get a command. */
  readonly targets: readonly Target[]
}

/** Step Functions sets its log delivery up itself, with actions that take no resource. */
const logDelivery: Statement = {
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
  resources: everyResource,
}

/** A command has no ARN to grant this on. */
const cancelCommand: Statement = { actions: ['ssm:CancelCommand'], resources: everyResource }

const sampleTraces: Statement = { actions: ['xray:GetSamplingRules', 'xray:GetSamplingTargets'], resources: everyResource }

export class PurgeMachine extends Construct {
  readonly arn: string

  constructor(scope: Construct, id: string, { placement, functionArns, documentArns, targets }: PurgeMachineProps) {
    super(scope, id)
    const { provider, logRetentionDays } = placement
    const name = stateMachineName(placement)
    // Under /aws/vendedlogs/ no resource policy grows with each log group, up to the size where deliveries fail.
    const logs = new CloudwatchLogGroup(this, 'logs', {
      provider,
      name: `/aws/vendedlogs/states/${name}`,
      retentionInDays: logRetentionDays,
    })
    const role = new ServiceRole(this, 'access', {
      placement,
      name,
      service: 'states.amazonaws.com',
      sourceArn: { service: 'states', resource: `stateMachine:${name}` },
      statements: [
        { actions: ['lambda:InvokeFunction'], resources: Object.values(functionArns) },
        ...sendCommandStatements(placement, documentArns, targets),
        cancelCommand,
        logDelivery,
        xrayStatement,
        sampleTraces,
      ],
    })
    this.arn = new SfnStateMachine(this, 'machine', {
      provider,
      name,
      type: 'STANDARD',
      roleArn: role.arn,
      definition: renderPurge(functionArns),
      // Everything, with data: a purge is rare, its history is the answer to "what was cleared", and no secret travels in it.
      loggingConfiguration: { level: 'ALL', includeExecutionData: true, logDestination: `${logs.arn}:*` },
      tracingConfiguration: { enabled: true },
      // AWS refuses the machine while its role may not deliver logs.
      dependsOn: [role.policy],
    }).arn
  }
}
