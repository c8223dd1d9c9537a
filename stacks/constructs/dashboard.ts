// One CloudWatch dashboard for all regions: a graph for each entry of the alarms' list, and the purges by verdict.

import { CloudwatchDashboard } from '@cdktf/provider-aws/lib/cloudwatch-dashboard/index.js'
import { Construct } from 'constructs'
import { purgeMetric, type Metric, type Watch } from '../alarm-list.ts'
import type { Placement } from '../placement.ts'

export interface DashboardProps {
  /** Of the home region. */
  readonly placement: Placement
  /** By region. */
  readonly watches: ReadonlyMap<string, readonly Watch[]>
}

const [width, height, inARow] = [8, 6, 3]

const graph = (title: string, region: string, metrics: readonly Metric[], threshold: number | undefined, index: number) => ({
  type: 'metric',
  x: (index % inARow) * width,
  y: Math.floor(index / inARow) * height,
  width,
  height,
  properties: {
    title: `${title} (${region})`,
    region,
    view: 'timeSeries',
    period: 300,
    metrics: metrics.map(({ namespace, name, dimensions, stat }) => [namespace, name, ...Object.entries(dimensions).flat(), { stat }]),
    ...(threshold !== undefined && { annotations: { horizontal: [{ label: 'alarm above', value: threshold }] } }),
  },
})

const verdicts = ['verified', 'stale', 'unproven', 'failed', 'unprobed', 'refused', 'stopped']

export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { placement, watches }: DashboardProps) {
    super(scope, id)
    const graphs = [...watches].flatMap(([region, all]) => [
      { title: 'purges', region, metrics: verdicts.map((verdict) => purgeMetric('Purges', verdict)), threshold: undefined },
      ...all.map(({ name, metrics, threshold }) => ({ title: name, region, metrics, threshold })),
    ])
    new CloudwatchDashboard(this, 'dashboard', {
      provider: placement.provider,
      dashboardName: `${placement.prefix}-${placement.region}`,
      dashboardBody: JSON.stringify({
        widgets: graphs.map(({ title, region, metrics, threshold }, index) => graph(title, region, metrics, threshold, index)),
      }),
    })
  }
}
