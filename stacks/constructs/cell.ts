// Everything that one region needs to purge its targets: documents, workers, state machine, and the watch over its endings.

import { Construct } from 'constructs'
import { watchSeconds } from '../../config/polling.ts'
import type { Config, Target } from '../../config/schema.ts'
import { bucketEventsDead, notVerified, slow, startsThrottled, unreported, type Watch } from '../alarm-list.ts'
import { arnOf, stateMachineName, type Placement } from '../placement.ts'
import { credentialNames, readParameters } from '../secrets.ts'
import { Alarms } from './alarms.ts'
import { BucketIntake } from './bucket-intake.ts'
import { CommandDocuments } from './command-documents.ts'
import { NodeFunction } from './node-function.ts'
import { PurgeMachine } from './purge-machine.ts'
import { everyResource } from './service-role.ts'
import { queueStatement, UnreportedEndings } from './unreported-endings.ts'

export interface CellProps {
  readonly placement: Placement
  /** Where the secrets live; the same as `placement` in the home region's own cell. */
  readonly home: Placement
  /** Every region that has a cell. */
  readonly regions: readonly string[]
  /** The targets of this region, at least one. */
  readonly targets: readonly Target[]
  readonly commands: Config['commands']
  /** How the events of the targets' buckets are read. */
  readonly intake: Config['intake']
  /** Name of the parameter that holds the Slack webhook's URL. */
  readonly webhookParameter: string
  /** Existing SNS topics of this region that the alarms tell. */
  readonly alarmTopicArns: readonly string[]
}

export class Cell extends Construct {
  readonly stateMachineArn: string
  readonly watches: readonly Watch[]

  constructor(
    scope: Construct,
    id: string,
    { placement, home, regions, targets, commands, intake, webhookParameter, alarmTopicArns }: CellProps,
  ) {
    super(scope, id)
    const environment = { SECRETS_REGION: home.region }

    const documents = new CommandDocuments(this, 'documents', {
      placement,
      namePrefix: commands.documentPrefix,
      executionTimeoutSeconds: commands.executionTimeoutSeconds,
    })
    const planPurge = new NodeFunction(this, 'plan-purge', {
      placement,
      description: 'Turns a request into the ordered plan of a purge',
      memory: 256,
      timeout: 30,
    })
    const confirmCommand = new NodeFunction(this, 'confirm-command', {
      placement,
      description: 'Follows a command, and reads every instance of it before a layer counts as purged',
      memory: 256,
      timeout: 30,
      environment: { WATCH_SECONDS: String(watchSeconds) },
      statements: [{ actions: ['ssm:ListCommands', 'ssm:ListCommandInvocations', 'ssm:GetCommandInvocation'], resources: everyResource }],
    })
    const purgeCloudflare = new NodeFunction(this, 'purge-cloudflare', {
      placement,
      description: 'Purges the edge, as fast as its rate limit allows',
      memory: 256,
      timeout: 60,
      environment,
      statements: readParameters(home, credentialNames(targets)),
    })
    const probeEdge = new NodeFunction(this, 'probe-edge', {
      placement,
      description: 'Requests pages as a visitor would, and judges whether the old copy is gone',
      memory: 256,
      timeout: 60,
    })
    const notifySlack = new NodeFunction(this, 'notify-slack', {
      placement,
      description: 'Tells Slack how a purge ended',
      memory: 256,
      timeout: 30,
      environment,
      statements: [
        ...readParameters(home, [webhookParameter]),
        { actions: ['states:GetExecutionHistory'], resources: [arnOf(placement, 'states', `execution:${stateMachineName(placement)}:*`)] },
        queueStatement(placement),
      ],
    })

    const machineIn = (region: string): string => arnOf({ ...placement, region }, 'states', `stateMachine:${stateMachineName(placement)}`)
    const purgeGroup = new NodeFunction(this, 'purge-group', {
      placement,
      description: 'Purges several targets at once: starts their executions, in every region, and follows them',
      memory: 256,
      timeout: 30,
      // From names: the machines of all regions would wait for each other.
      environment: { STATE_MACHINE_ARNS: JSON.stringify(Object.fromEntries(regions.map((region) => [region, machineIn(region)]))) },
      statements: [
        { actions: ['states:StartExecution'], resources: regions.map(machineIn) },
        {
          actions: ['states:DescribeExecution'],
          resources: regions.map((region) => arnOf({ ...placement, region }, 'states', `execution:${stateMachineName(placement)}:*`)),
        },
      ],
    })

    const machine = new PurgeMachine(this, 'purge', {
      placement,
      functionArns: {
        PlanPurgeArn: planPurge.arn,
        ConfirmCommandArn: confirmCommand.arn,
        PurgeCloudflareArn: purgeCloudflare.arn,
        ProbeEdgeArn: probeEdge.arn,
        NotifySlackArn: notifySlack.arn,
        PurgeGroupArn: purgeGroup.arn,
      },
      documentArns: documents.arns,
      targets,
    })
    const { queueName } = new UnreportedEndings(this, 'unreported-endings', {
      placement,
      stateMachineArn: machine.arn,
      notifier: notifySlack,
    })
    const watches = [unreported(queueName), notVerified(), slow(), startsThrottled(machine.arn)]
    if (targets.some(({ bucket }) => bucket !== undefined)) {
      const { deadName } = new BucketIntake(this, 'bucket-intake', { placement, targets, intake, stateMachineArn: machine.arn })
      watches.push(bucketEventsDead(deadName))
    }
    new Alarms(this, 'alarms', { placement, watches, topicArns: alarmTopicArns })
    this.watches = watches
    this.stateMachineArn = machine.arn
  }
}
