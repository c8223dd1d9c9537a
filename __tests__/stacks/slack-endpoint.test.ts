import { expect, it } from 'vitest'
import { config } from './config.ts'
import { all, json, named, synthesize, type Attributes } from './synthesized.ts'

const stack = synthesize(config())
const only = (type: string): Attributes => {
  const [first, ...others] = all(stack, type)
  expect(others).toEqual([])
  return first!
}
const stage = () => only('aws_apigatewayv2_stage')

it('has one route', () => {
  expect(only('aws_apigatewayv2_route')['route_key']).toBe('POST /slack/commands')
})

it('is called at the URL that the output gives', () => {
  expect(stack.output['slack_request_url']?.value).toBe('<aws_apigatewayv2_api acme-slack api_endpoint>/slack/commands')
})

it('hands the request over in payload format 2.0, and waits as long as the function may run', () => {
  expect(only('aws_apigatewayv2_integration')).toMatchObject({
    integration_type: 'AWS_PROXY',
    integration_uri: '<aws_lambda_function acme-slack-command invoke_arn>',
    payload_format_version: '2.0',
    timeout_milliseconds: 10_000,
  })
})

it('is throttled and deploys itself', () => {
  expect(stage()).toMatchObject({
    name: '$default',
    auto_deploy: true,
    default_route_settings: { throttling_rate_limit: 100, throttling_burst_limit: 100 },
  })
})

it("lets through what the concurrency of its function bears, which is the account's where none is reserved", () => {
  expect(named(stack, 'aws_lambda_function', 'acme-slack-command')).not.toHaveProperty('reserved_concurrent_executions')
  const { slack } = config()
  const reserved = synthesize(config({ slack: { ...slack, reservedConcurrency: 25 } }))
  expect(named(reserved, 'aws_lambda_function', 'acme-slack-command')['reserved_concurrent_executions']).toBe(25)
  expect(all(reserved, 'aws_apigatewayv2_stage')[0]?.['default_route_settings']).toEqual({
    throttling_rate_limit: 250,
    throttling_burst_limit: 250,
  })
})

it('logs each request as JSON to a group of its own, with what a search needs', () => {
  const settings = stage()['access_log_settings'] as Attributes
  expect(settings['destination_arn']).toBe('<aws_cloudwatch_log_group /aws/vendedlogs/apigateway/acme-slack arn>')
  expect(json(settings['format'])).toMatchObject({
    requestId: '$context.requestId',
    status: '$context.status',
    integrationError: '$context.integrationErrorMessage',
    sourceIp: '$context.identity.sourceIp',
  })
})

it('is the only thing beside its own route that may call slack-command', () => {
  const permissions = all(stack, 'aws_lambda_permission').filter(
    ({ function_name }) => function_name === '<aws_lambda_function acme-slack-command function_name>',
  )
  expect(permissions).toMatchObject([
    { principal: 'apigateway.amazonaws.com', source_arn: '<aws_apigatewayv2_api acme-slack execution_arn>/*/POST/slack/commands' },
  ])
})
