// The whole deployment: a cell in every region that has targets, and the Slack endpoint in the home region.

import { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity/index.js'
import { AwsProvider } from '@cdktf/provider-aws/lib/provider/index.js'
import { S3Backend, TerraformOutput, TerraformStack, Token } from 'cdktf'
import type { Construct } from 'constructs'
import type { Config } from '../config/schema.ts'
import { Cell } from './constructs/cell.ts'
import { Dashboard } from './constructs/dashboard.ts'
import { SlackEndpoint } from './constructs/slack-endpoint.ts'
import type { Watch } from './alarm-list.ts'
import { literal } from './literal.ts'
import type { Placement } from './placement.ts'
import { parametersToFillIn } from './secrets.ts'

export interface PurgeflowStackProps {
  readonly config: Config
  /** Absolute path of what scripts/bundle.ts wrote for this same config, which is compiled into the bundles. */
  readonly bundleDir: string
}

const consoleLink = (region: string, stateMachineArn: string): string =>
  `https://${region}.console.aws.amazon.com/states/home?region=${region}#/statemachines/view/${stateMachineArn}`

const keepStateInS3 = (stack: TerraformStack, name: string, { bucket, key, region }: NonNullable<Config['state']>): void => {
  new S3Backend(stack, { bucket, key: key ?? `${name}/terraform.tfstate`, region, encrypt: true })
  // A lock beside the state, in the same bucket: Terraform 1.10 needs no DynamoDB table for it, and cdktf's types do not know that yet.
  stack.addOverride('terraform.backend.s3.use_lockfile', true)
}

export class PurgeflowStack extends TerraformStack {
  constructor(scope: Construct, id: string, { config, bundleDir }: PurgeflowStackProps) {
    super(scope, id)
    if (config.state !== undefined) keepStateInS3(this, config.name, config.state)
    // The operator's own tags win. The account is asked for once, at home.
    const tags = { Application: config.name, ManagedBy: 'cdktf', ...config.tags }
    const defaultTags = [{ tags: Object.fromEntries(Object.entries(tags).map(([key, value]) => [literal(key), literal(value)])) }]
    const provider = (region: string): AwsProvider => new AwsProvider(this, `aws-${region}`, { region, alias: region, defaultTags })
    const homeProvider = provider(config.homeRegion)
    const account = new DataAwsCallerIdentity(this, 'account', { provider: homeProvider }).accountId
    const home: Placement = {
      prefix: config.name,
      region: config.homeRegion,
      account,
      provider: homeProvider,
      logRetentionDays: config.logRetentionDays,
      kmsKeyArn: config.kmsKeyArn,
      bundleDir,
    }

    const stateMachineArns = new Map<string, string>()
    const watches = new Map<string, readonly Watch[]>()
    const regions = [...new Set(config.targets.map((target) => target.region))]
    for (const region of regions) {
      const cell = new Cell(this, `cell-${region}`, {
        placement: region === home.region ? home : { ...home, region, provider: provider(region) },
        home,
        regions,
        targets: config.targets.filter((target) => target.region === region),
        commands: config.commands,
        intake: config.intake,
        webhookParameter: config.slack.webhookParameter,
        alarmTopicArns: config.alarmTopicArns[region] ?? [],
      })
      stateMachineArns.set(region, cell.stateMachineArn)
      watches.set(region, cell.watches)
    }
    const endpoint = new SlackEndpoint(this, 'slack-endpoint', {
      placement: home,
      slack: config.slack,
      stateMachineArns,
      topicArns: config.alarmTopicArns[config.homeRegion] ?? [],
    })
    watches.set(home.region, [...endpoint.watches, ...(watches.get(home.region) ?? [])])
    new Dashboard(this, 'dashboard', { placement: home, watches })

    const consoleLinks = [...stateMachineArns].map(([region, arn]) => [region, consoleLink(region, arn)])
    // As a token, because cdktf looks into a plain object with an API that makes Node print a deprecation warning.
    const output = (name: string, description: string, value: unknown) =>
      new TerraformOutput(this, name, { description, value: Token.asString(value) })
    output('slack_request_url', 'Request URL of the slash command, for the Slack app', endpoint.url)
    output('state_machine_arns', 'The state machine of each region', Object.fromEntries(stateMachineArns))
    output('console_links', 'Where to watch and start purges by hand', Object.fromEntries(consoleLinks))
    output(
      'parameters_to_fill_in',
      'SSM parameters (SecureString) that must hold the secrets; Terraform never sees their values',
      parametersToFillIn(config),
    )
  }
}
