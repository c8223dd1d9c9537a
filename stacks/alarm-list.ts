// What is watched. The alarms are made of this list and so is the dashboard, and the runbook has a heading for each entry.
// Nothing here counts what somebody mistyped or stopped by hand.

export interface Metric {
  readonly namespace: string
  readonly name: string
  readonly dimensions: Readonly<Record<string, string>>
  readonly stat: 'Sum' | 'Maximum'
}

/** It rings when the sum of its metrics is above the threshold. */
export interface Watch {
  /** The alarm's name is this behind the deployment's. */
  readonly name: string
  readonly description: string
  readonly metrics: readonly Metric[]
  readonly threshold: number
  /** Of five minutes, in a row. */
  readonly periods: number
}

const one = (name: string, description: string, ...metrics: readonly Metric[]): Watch => ({
  name,
  description,
  metrics,
  threshold: 0,
  periods: 1,
})

const messagesIn = (QueueName: string): Metric => ({
  namespace: 'AWS/SQS',
  name: 'ApproximateNumberOfMessagesVisible',
  dimensions: { QueueName },
  stat: 'Maximum',
})

/** As notify-slack counts endings, by `handlers/notify-slack/metric.ts`. */
export const purgeMetric = (name: 'Purges' | 'Seconds', Verdict: string): Metric => ({
  namespace: 'purgeflow',
  name,
  dimensions: { Verdict },
  stat: name === 'Purges' ? 'Sum' : 'Maximum',
})

const lambda = (name: 'Errors' | 'Throttles', FunctionName: string): Metric => ({
  namespace: 'AWS/Lambda',
  name,
  dimensions: { FunctionName },
  stat: 'Sum',
})

/** Seconds from a command to its verdict, above which somebody should know. */
const slowSeconds = 900

export const unreported = (queueName: string): Watch =>
  one('unreported', `A purge ended badly and Slack could not be told. The events lie in the queue ${queueName}.`, messagesIn(queueName))

export const notVerified = (): Watch =>
  one(
    'not-verified',
    'A purge failed, left the old copy in place, or could not be proven by the probes that it has. The Slack message says why.',
    ...['failed', 'stale', 'unproven'].map((verdict) => purgeMetric('Purges', verdict)),
  )

export const slow = (): Watch => ({
  ...one('slow', `A purge took more than ${slowSeconds} s to its verdict.`, purgeMetric('Seconds', 'verified')),
  threshold: slowSeconds,
})

export const startsThrottled = (StateMachineArn: string): Watch => ({
  ...one('starts-throttled', 'Step Functions has throttled this machine for ten minutes.', {
    namespace: 'AWS/States',
    name: 'ExecutionThrottled',
    dimensions: { StateMachineArn },
    stat: 'Sum',
  }),
  periods: 2,
})

export const bucketEventsDead = (queueName: string): Watch =>
  one(
    'bucket-events-dead',
    `Events of a bucket could not be turned into a purge. They lie in the queue ${queueName}.`,
    messagesIn(queueName),
  )

export const slackServerErrors = (ApiId: string): Watch =>
  one('slack-5xx', 'The Slack endpoint answered with a server error.', {
    namespace: 'AWS/ApiGateway',
    name: '5xx',
    dimensions: { ApiId },
    stat: 'Sum',
  })

/** slack-command answers people in words also when it cannot work, so its log is counted as well. */
export const slackErrors = (functionName: string, logged: Metric): Watch =>
  one(
    'slack-errors',
    'slack-command broke, or could not read its secret or start a purge. Its log says why.',
    lambda('Errors', functionName),
    logged,
  )

export const slackThrottled = (functionName: string): Watch =>
  one('slack-throttled', 'slack-command was throttled: somebody saw an error in Slack.', lambda('Throttles', functionName))
