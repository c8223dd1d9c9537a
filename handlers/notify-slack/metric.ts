// One count for each ending, by target and verdict, in CloudWatch's Embedded Metric Format:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

import type { Findings } from './core.ts'

/** @param now epoch milliseconds */
export const verdictMetric = ({ verdict, target, seconds, executionArn }: Findings, now: number): string =>
  JSON.stringify({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        { Namespace: 'purgeflow', Dimensions: [['Target', 'Verdict'], ['Verdict']], Metrics: [{ Name: 'Purges', Unit: 'Count' }] },
      ],
    },
    Target: target?.id ?? 'unknown',
    Verdict: verdict,
    Purges: 1,
    seconds,
    executionArn,
  })
