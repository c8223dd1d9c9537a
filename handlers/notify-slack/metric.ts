// One count for each ending, by target and verdict, in CloudWatch's Embedded Metric Format:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

import type { Findings } from './core.ts'
import type { NotifyRequest } from './schema.ts'

/** What the ending counts as. Alarms watch the verdicts, so what is nobody's fault counts apart from them. */
const countedAs = ({ verdict, proof }: Findings, request: NotifyRequest): string => {
  if ('detail' in request && request.detail.status === 'ABORTED') return 'stopped'
  if ('failure' in request && request.failure.Error === 'InvalidRequest') return 'refused'
  return verdict === 'unproven' && proof === null ? 'unprobed' : verdict
}

/** @param now epoch milliseconds */
export const verdictMetric = (findings: Findings, request: NotifyRequest, now: number): string =>
  JSON.stringify({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        {
          Namespace: 'purgeflow',
          Dimensions: [['Target', 'Verdict'], ['Verdict']],
          Metrics: [
            { Name: 'Purges', Unit: 'Count' },
            { Name: 'Seconds', Unit: 'Seconds' },
          ],
        },
      ],
    },
    Target: findings.target?.id ?? 'unknown',
    Verdict: countedAs(findings, request),
    Purges: 1,
    Seconds: findings.seconds,
    executionArn: findings.executionArn,
  })
