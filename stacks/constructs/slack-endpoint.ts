// The one door to the internet: POST /slack/commands, throttled and logged, in front of slack-command.

import { Apigatewayv2Api } from '@cdktf/provider-aws/lib/apigatewayv2-api/index.js'
import { Apigatewayv2Integration } from '@cdktf/provider-aws/lib/apigatewayv2-integration/index.js'
import { Apigatewayv2Route } from '@cdktf/provider-aws/lib/apigatewayv2-route/index.js'
import { Apigatewayv2Stage } from '@cdktf/provider-aws/lib/apigatewayv2-stage/index.js'
import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group/index.js'
import { CloudwatchLogMetricFilter } from '@cdktf/provider-aws/lib/cloudwatch-log-metric-filter/index.js'
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission/index.js'
import { Construct } from 'constructs'
import { throttleOf } from '../../config/endpoint-limits.ts'
import type { Config } from '../../config/schema.ts'
import { slackErrors, slackServerErrors, slackThrottled, type Watch } from '../alarm-list.ts'
import type { Placement } from '../placement.ts'
import { readParameters, signingSecretNames } from '../secrets.ts'
import { Alarms } from './alarms.ts'
import { accessLogFormat } from './access-log-format.ts'
import { NodeFunction } from './node-function.ts'

export interface SlackEndpointProps {
  /** In the home region. */
  readonly placement: Placement
  /** Names the signing secrets' parameters. */
  readonly slack: Config['slack']
  /** By region; a command starts an execution in its target's region. */
  readonly stateMachineArns: ReadonlyMap<string, string>
  /** Existing SNS topics of the home region that the alarms tell. */
  readonly topicArns: readonly string[]
}

const path = '/slack/commands'
/** Seconds. Slack gives up after 3; the rest lets a slow answer reach the log. */
const timeout = 10

export class SlackEndpoint extends Construct {
  /** What goes into the Slack app's slash command as Request URL. */
  readonly url: string
  readonly watches: readonly Watch[]

  constructor(scope: Construct, id: string, { placement, slack, stateMachineArns, topicArns }: SlackEndpointProps) {
    super(scope, id)
    const { provider, prefix, logRetentionDays } = placement
    const name = `${prefix}-slack`
    const throttle = throttleOf(slack.reservedConcurrency)
    const receiver = new NodeFunction(this, 'slack-command', {
      placement,
      description: 'Verifies a slash command, starts the purge, answers within three seconds',
      // For its CPU: even a cold start must leave time to answer Slack.
      memory: 1024,
      timeout,
      ...(slack.reservedConcurrency !== undefined && { reservedConcurrency: slack.reservedConcurrency }),
      environment: { SECRETS_REGION: placement.region, STATE_MACHINE_ARNS: JSON.stringify(Object.fromEntries(stateMachineArns)) },
      statements: [
        ...readParameters(placement, signingSecretNames(slack)),
        { actions: ['states:StartExecution'], resources: [...stateMachineArns.values()] },
      ],
    })

    const api = new Apigatewayv2Api(this, 'api', { provider, name, protocolType: 'HTTP', description: `Slack commands of ${prefix}` })
    const integration = new Apigatewayv2Integration(this, 'integration', {
      provider,
      apiId: api.id,
      integrationType: 'AWS_PROXY',
      integrationUri: receiver.invokeArn,
      payloadFormatVersion: '2.0',
      timeoutMilliseconds: timeout * 1000,
    })
    new Apigatewayv2Route(this, 'route', { provider, apiId: api.id, routeKey: `POST ${path}`, target: `integrations/${integration.id}` })
    const logs = new CloudwatchLogGroup(this, 'logs', {
      provider,
      name: `/aws/vendedlogs/apigateway/${name}`,
      retentionInDays: logRetentionDays,
    })
    new Apigatewayv2Stage(this, 'stage', {
      provider,
      apiId: api.id,
      name: '$default',
      autoDeploy: true,
      defaultRouteSettings: { throttlingRateLimit: throttle.rate, throttlingBurstLimit: throttle.burst },
      accessLogSettings: { destinationArn: logs.arn, format: accessLogFormat },
    })
    new LambdaPermission(this, 'permission', {
      provider,
      statementId: 'slack-commands',
      action: 'lambda:InvokeFunction',
      functionName: receiver.functionName,
      principal: 'apigateway.amazonaws.com',
      sourceArn: `${api.executionArn}/*/POST${path}`,
    })
    const logged = { namespace: 'purgeflow', name: `${prefix}-slack-command-errors` }
    new CloudwatchLogMetricFilter(this, 'logged-errors', {
      provider,
      name: logged.name,
      logGroupName: receiver.logGroupName,
      pattern: '{ $.level = "ERROR" }',
      metricTransformation: { ...logged, value: '1' },
    })
    this.watches = [
      slackServerErrors(api.id),
      slackErrors(receiver.functionName, { ...logged, dimensions: {}, stat: 'Sum' }),
      slackThrottled(receiver.functionName),
    ]
    new Alarms(this, 'alarms', { placement, watches: this.watches, topicArns })
    this.url = `${api.apiEndpoint}${path}`
  }
}
