// Where resources go and how they are called: the few facts that every construct needs.

import type { AwsProvider } from '@cdktf/provider-aws/lib/provider/index.js'

/** One region of one deployment. */
export interface Placement {
  /** The deployment's name: begins every resource name, so that two deployments fit in one account. */
  readonly prefix: string
  /** An AWS region, as in us-east-1. */
  readonly region: string
  /** Twelve digits; a token until Terraform has asked AWS. */
  readonly account: string
  /** Bound to `region`. Every resource names it: there is no default provider to fall back to by mistake. */
  readonly provider: AwsProvider
  /** For every log group. */
  readonly logRetentionDays: number
  /** Encrypts the secrets; undefined where it is the account's own alias/aws/ssm. */
  readonly kmsKeyArn: string | undefined
  /** Absolute path; holds one folder a function, as scripts/bundle.ts writes them. */
  readonly bundleDir: string
}

/**
 * Built from names where the resource's own attribute would make two resources wait for each other.
 * @param resource the part after the account: `function:purgeflow-plan-purge`
 */
export const arnOf = ({ region, account }: Placement, service: string, resource: string): string =>
  `arn:aws:${service}:${region}:${account}:${resource}`

/** @param name the full name of an SSM parameter, with its leading slash */
export const parameterArn = (placement: Placement, name: string): string => arnOf(placement, 'ssm', `parameter${name}`)

export const stateMachineName = ({ prefix }: Placement): string => `${prefix}-purge`
