// The two alarms of a cell. Purges that fail tell Slack; these tell whoever runs AWS.

import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm/index.js'
import { Construct } from 'constructs'
import type { Placement } from '../placement.ts'

export interface AlarmsProps {
  readonly placement: Placement
  readonly stateMachineArn: string
  /** Name of the queue of endings that nobody was told of. */
  readonly queueName: string
  /** SNS topics to tell; existing ones, in the same region. Without any, the alarms only show in the console. */
  readonly topicArns: readonly string[]
}

const endings = { failed: 'ExecutionsFailed', timedOut: 'ExecutionsTimedOut', aborted: 'ExecutionsAborted' }
const fiveMinutes = 300

export class Alarms extends Construct {
  constructor(scope: Construct, id: string, { placement, stateMachineArn, queueName, topicArns }: AlarmsProps) {
    super(scope, id)
    const common = {
      provider: placement.provider,
      comparisonOperator: 'GreaterThanThreshold',
      threshold: 0,
      evaluationPeriods: 1,
      treatMissingData: 'notBreaching',
      alarmActions: [...topicArns],
    }
    new CloudwatchMetricAlarm(this, 'unreported', {
      ...common,
      alarmName: `${placement.prefix}-unreported`,
      alarmDescription: `A purge ended badly and Slack could not be told. The events lie in the queue ${queueName}.`,
      namespace: 'AWS/SQS',
      metricName: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName: queueName },
      statistic: 'Maximum',
      period: fiveMinutes,
    })
    new CloudwatchMetricAlarm(this, 'failed-purges', {
      ...common,
      alarmName: `${placement.prefix}-failed-purges`,
      alarmDescription: 'A purge failed, timed out or was aborted. The Slack message, or the execution itself, says why.',
      metricQuery: [
        ...Object.entries(endings).map(([queryId, metricName]) => ({
          id: queryId,
          metric: {
            namespace: 'AWS/States',
            metricName,
            dimensions: { StateMachineArn: stateMachineArn },
            stat: 'Sum',
            period: fiveMinutes,
          },
        })),
        {
          id: 'endings',
          label: 'Purges that did not succeed',
          // Step Functions sends a metric only when there is something to count.
          expression: Object.keys(endings)
            .map((queryId) => `FILL(${queryId}, 0)`)
            .join(' + '),
          returnData: true,
        },
      ],
    })
  }
}
