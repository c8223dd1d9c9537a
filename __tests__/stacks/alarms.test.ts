// Alarms, dashboard and runbook say the same.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { assets, config, main, portal } from './config.ts'
import { all, json, synthesize, type Attributes } from './synthesized.ts'

const stack = synthesize(config({ targets: [portal(), main({ region: 'eu-west-1' }), assets()] }))
const alarms = all(stack, 'aws_cloudwatch_metric_alarm')
const nameOf = (alarm: Attributes): string => String(alarm['alarm_name']).replace(/^acme-/, '')

interface Watched {
  readonly namespace: unknown
  readonly name: unknown
  readonly dimensions: Record<string, unknown>
}
const watchedBy = (alarm: Attributes): Watched[] => {
  const queries = alarm['metric_query'] as { metric?: Attributes }[] | undefined
  return (queries === undefined ? [alarm] : queries.flatMap(({ metric }) => (metric ? [metric] : []))).map((metric) => ({
    namespace: metric['namespace'],
    name: metric['metric_name'],
    dimensions: (metric['dimensions'] ?? {}) as Record<string, unknown>,
  }))
}

interface Graph {
  readonly properties: { readonly region: string; readonly title: string; readonly metrics: readonly (readonly unknown[])[] }
}
const graphs = (json(all(stack, 'aws_cloudwatch_dashboard')[0]?.['dashboard_body']) as { widgets: Graph[] }).widgets

describe('the alarms', () => {
  it('watch every cell, and the endpoint at home', () => {
    const cell = ['not-verified', 'slow', 'starts-throttled', 'unreported']
    const inRegion = (region: string) =>
      alarms
        .filter(({ provider }) => provider === `aws.${region}`)
        .map(nameOf)
        .sort()
    expect(inRegion('eu-west-1')).toEqual(cell)
    expect(inRegion('us-east-1')).toEqual([...cell, 'bucket-events-dead', 'slack-5xx', 'slack-errors', 'slack-throttled'].sort())
  })

  it('watch every queue of what was given up', () => {
    const queues = all(stack, 'aws_sqs_queue').filter(({ name }) => name !== 'acme-bucket-events')
    expect(queues.length).toBeGreaterThan(2)
    const watched = alarms.flatMap((alarm) => watchedBy(alarm).map(({ dimensions }) => [alarm['provider'], dimensions['QueueName']].join()))
    expect(queues.filter(({ provider, name }) => !watched.includes([provider, name].join()))).toEqual([])
  })

  it('count nothing that somebody mistyped or stopped', () => {
    const metrics = alarms.flatMap(watchedBy)
    expect(metrics.filter(({ name }) => ['ExecutionsFailed', 'ExecutionsAborted', '4xx'].includes(String(name)))).toEqual([])
    const verdicts = new Set(metrics.flatMap(({ name, dimensions }) => (name === 'Purges' ? [dimensions['Verdict']] : [])))
    expect(verdicts).toEqual(new Set(['failed', 'stale', 'unproven']))
    // Of functions, slack-command alone: plan-purge throws where somebody mistyped a target.
    const functions = new Set(metrics.flatMap(({ dimensions }) => dimensions['FunctionName'] ?? []))
    expect(functions).toEqual(new Set(['<aws_lambda_function acme-slack-command function_name>']))
  })

  it('count what slack-command logs as an error, for it answers people in words all the same', () => {
    const [filter] = all(stack, 'aws_cloudwatch_log_metric_filter')
    expect(filter).toMatchObject({
      log_group_name: '<aws_cloudwatch_log_group /aws/lambda/acme-slack-command name>',
      pattern: '{ $.level = "ERROR" }',
    })
    const { namespace, name } = filter?.['metric_transformation'] as Attributes
    const errors = alarms.find((alarm) => nameOf(alarm) === 'slack-errors')!
    expect(watchedBy(errors)).toContainEqual({ namespace, name, dimensions: {} })
  })
})

describe('the dashboard', () => {
  it('has a graph for each alarm, in its region, with the same metrics', () => {
    for (const alarm of alarms) {
      const region = String(alarm['provider']).replace('aws.', '')
      const graph = graphs.find(({ properties }) => properties.title === `${nameOf(alarm)} (${region})` && properties.region === region)
      const shown = graph?.properties.metrics.map((metric) => metric.slice(0, -1))
      expect(shown).toEqual(
        watchedBy(alarm).map(({ namespace, name, dimensions }) => [namespace, name, ...Object.entries(dimensions).flat()]),
      )
    }
  })

  it('has no graph beside them but the purges of each region', () => {
    expect(graphs).toHaveLength(alarms.length + 2)
  })
})

describe('the runbook', () => {
  const headings = [...readFileSync('docs/runbook.md', 'utf8').matchAll(/^## Alarm: NAME-([a-z0-9-]+)/gm)].map(([, name]) => name)

  it('has a heading for each alarm, and none for another', () => {
    expect(headings.sort()).toEqual([...new Set(alarms.map(nameOf))].sort())
  })
})
