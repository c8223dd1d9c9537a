// One Lambda function: its bundle, its own role, its own log group. The construct's id is the folder in handlers/,
// the folder in the bundle directory and the end of the function's name: one name everywhere.

import { join } from 'node:path'
import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group/index.js'
import { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function/index.js'
import { AssetType, TerraformAsset } from 'cdktf'
import { Construct } from 'constructs'
import type { Placement } from '../placement.ts'
import { ServiceRole, xrayStatement, type Statement } from './service-role.ts'

/** The folders of handlers/ that are functions. */
export type FunctionName =
  | 'slack-command'
  | 'plan-purge'
  | 'confirm-command'
  | 'purge-cloudflare'
  | 'probe-edge'
  | 'purge-group'
  | 'notify-slack'
  | 'intake-s3'

export interface NodeFunctionProps {
  readonly placement: Placement
  /** One sentence for the Lambda console. */
  readonly description: string
  /** MB; Lambda gives CPU in proportion. */
  readonly memory: number
  /** Seconds. */
  readonly timeout: number
  /** Concurrent calls that only this function may use, and all that it gets. */
  readonly reservedConcurrency?: number
  readonly environment?: Readonly<Record<string, string>>
  /** What it may do beside logging and tracing. */
  readonly statements?: readonly Statement[]
}

export class NodeFunction extends Construct {
  readonly arn: string
  readonly invokeArn: string
  readonly functionName: string
  readonly role: ServiceRole
  readonly logGroupName: string

  constructor(
    scope: Construct,
    id: FunctionName,
    { placement, description, memory, timeout, reservedConcurrency, environment, statements = [] }: NodeFunctionProps,
  ) {
    super(scope, id)
    const { provider, prefix, logRetentionDays, bundleDir } = placement
    const name = `${prefix}-${id}`
    // Lambda would make this group at the first log line, and keep it forever. Ours comes first and has an end.
    const logs = new CloudwatchLogGroup(this, 'logs', { provider, name: `/aws/lambda/${name}`, retentionInDays: logRetentionDays })
    this.logGroupName = logs.name
    this.role = new ServiceRole(this, 'access', {
      placement,
      name,
      service: 'lambda.amazonaws.com',
      statements: [{ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [`${logs.arn}:*`] }, xrayStatement, ...statements],
    })
    const code = new TerraformAsset(this, 'code', { path: join(bundleDir, id), type: AssetType.ARCHIVE })
    const lambda = new LambdaFunction(this, 'function', {
      provider,
      functionName: name,
      description,
      runtime: 'nodejs22.x',
      architectures: ['arm64'],
      handler: 'index.handler',
      role: this.role.arn,
      filename: code.path,
      // Of the content: a zip's own hash changes with the files' times.
      sourceCodeHash: code.assetHash,
      memorySize: memory,
      timeout,
      ...(reservedConcurrency !== undefined && { reservedConcurrentExecutions: reservedConcurrency }),
      tracingConfig: { mode: 'Active' },
      loggingConfig: { logFormat: 'JSON', logGroup: logs.name },
      ...(environment && { environment: { variables: environment } }),
      // New code never runs before the permissions that it needs.
      dependsOn: [this.role.policy],
    })
    this.arn = lambda.arn
    this.invokeArn = lambda.invokeArn
    this.functionName = lambda.functionName
  }
}
