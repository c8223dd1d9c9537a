// Nothing ends in silence. No Catch of the state machine covers its own time-out, an abort or a broken path, so EventBridge
// hands every bad ending to notify-slack, which skips those that the machine has reported itself (error name PurgeFailed).
// What cannot be delivered, or what notify-slack fails on, waits in a queue, and an alarm says so.

import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule/index.js'
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target/index.js'
import { LambdaFunctionEventInvokeConfig } from '@cdktf/provider-aws/lib/lambda-function-event-invoke-config/index.js'
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission/index.js'
import { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue/index.js'
import { Construct } from 'constructs'
import { arnOf, type Placement } from '../placement.ts'
import type { NodeFunction } from './node-function.ts'

export interface UnreportedEndingsProps {
  readonly placement: Placement
  readonly stateMachineArn: string
  /** notify-slack of this region. Its role must allow `queueStatement`. */
  readonly notifier: NodeFunction
}

const hour = 3600
const twoWeeks = 14 * 24 * hour

const queueNameOf = ({ prefix }: Placement): string => `${prefix}-unreported`

/** Lets the notifier put away an event that it failed on. */
export const queueStatement = (placement: Placement) => ({
  actions: ['sqs:SendMessage'],
  resources: [arnOf(placement, 'sqs', queueNameOf(placement))],
})

export class UnreportedEndings extends Construct {
  readonly queueName: string

  constructor(scope: Construct, id: string, { placement, stateMachineArn, notifier }: UnreportedEndingsProps) {
    super(scope, id)
    const { provider, prefix } = placement
    this.queueName = queueNameOf(placement)
    const rule = new CloudwatchEventRule(this, 'rule', {
      provider,
      name: `${prefix}-failed-purges`,
      description: `Purges of ${prefix} that failed, timed out or were aborted`,
      eventPattern: JSON.stringify({
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [stateMachineArn], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
      }),
    })
    const queue = new SqsQueue(this, 'queue', {
      provider,
      name: this.queueName,
      sqsManagedSseEnabled: true,
      messageRetentionSeconds: twoWeeks,
      // Inline: a policy resource of its own takes Terraform 25 s more.
      policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: arnOf(placement, 'sqs', this.queueName),
            Condition: { ArnEquals: { 'aws:SourceArn': rule.arn }, StringEquals: { 'aws:SourceAccount': placement.account } },
          },
        ],
      }),
    })
    const permission = new LambdaPermission(this, 'permission', {
      provider,
      statementId: 'failed-purges',
      action: 'lambda:InvokeFunction',
      functionName: notifier.functionName,
      principal: 'events.amazonaws.com',
      sourceArn: rule.arn,
      sourceAccount: placement.account,
    })
    // News of a failed purge is worth an hour of trying; after that the alarm is the better messenger.
    new CloudwatchEventTarget(this, 'target', {
      provider,
      rule: rule.name,
      targetId: 'notify-slack',
      arn: notifier.arn,
      retryPolicy: { maximumEventAgeInSeconds: hour, maximumRetryAttempts: 20 },
      deadLetterConfig: { arn: queue.arn },
      dependsOn: [permission],
    })
    // EventBridge has done its work once Lambda accepts the event; from there on Lambda's own retries and queue count.
    new LambdaFunctionEventInvokeConfig(this, 'retries', {
      provider,
      functionName: notifier.functionName,
      maximumEventAgeInSeconds: hour,
      maximumRetryAttempts: 2,
      destinationConfig: { onFailure: { destination: queue.arn } },
      // AWS checks that the function's role may send to the queue.
      dependsOn: [notifier.role.policy],
    })
  }
}
