// Alarms, as the list says. Purges that fail tell Slack; these tell whoever runs AWS.

import { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm/index.js'
import { Construct } from 'constructs'
import type { Watch } from '../alarm-list.ts'
import type { Placement } from '../placement.ts'

export interface AlarmsProps {
  readonly placement: Placement
  readonly watches: readonly Watch[]
  /** SNS topics to tell; existing ones, in the same region. Without any, the alarms only show in the console. */
  readonly topicArns: readonly string[]
}

const fiveMinutes = 300

/** One metric is watched as it is, several as their sum: AWS sends most only when there is something to count. */
const measured = ({ metrics }: Watch) => {
  const [first, ...more] = metrics
  if (first !== undefined && more.length === 0) {
    const { namespace, name, dimensions, stat } = first
    return { namespace, metricName: name, dimensions, statistic: stat, period: fiveMinutes }
  }
  return {
    metricQuery: [
      ...metrics.map(({ namespace, name, dimensions, stat }, index) => ({
        id: `m${index}`,
        metric: { namespace, metricName: name, dimensions, stat, period: fiveMinutes },
      })),
      { id: 'sum', label: 'Sum', expression: metrics.map((_, index) => `FILL(m${index}, 0)`).join(' + '), returnData: true },
    ],
  }
}

export class Alarms extends Construct {
  constructor(scope: Construct, id: string, { placement, watches, topicArns }: AlarmsProps) {
    super(scope, id)
    for (const watch of watches) {
      new CloudwatchMetricAlarm(this, watch.name, {
        provider: placement.provider,
        alarmName: `${placement.prefix}-${watch.name}`,
        alarmDescription: `${watch.description} See docs/runbook.md.`,
        ...measured(watch),
        comparisonOperator: 'GreaterThanThreshold',
        threshold: watch.threshold,
        evaluationPeriods: watch.periods,
        treatMissingData: 'notBreaching',
        alarmActions: [...topicArns],
      })
    }
  }
}
