// Secrets are known here by the names of their SSM parameters only. Terraform neither creates nor reads them,
// so no value can reach its state. They live in the home region, one copy each.

import type { Config, Target } from '../config/schema.ts'
import type { Statement } from './constructs/service-role.ts'
import { parameterArn, type Placement } from './placement.ts'

const unique = (names: readonly string[]): string[] => [...new Set(names)].sort()

export const signingSecretNames = ({ signingSecretParameter, previousSigningSecretParameter }: Config['slack']): string[] =>
  previousSigningSecretParameter === undefined ? [signingSecretParameter] : [signingSecretParameter, previousSigningSecretParameter]

export const credentialNames = (targets: readonly Target[]): string[] =>
  unique(targets.flatMap(({ edge }) => (edge === undefined ? [] : [edge.credentials.parameter])))

/**
 * Reading is enough for a SecureString under the account's own key alias/aws/ssm: that key's policy lets everybody decrypt who may
 * read the parameter. A customer-managed key wants kms:Decrypt as well, and gives it by way of Parameter Store alone.
 * @param home of the home region
 */
export const readParameters = (home: Placement, names: readonly string[]): Statement[] => {
  if (names.length === 0) return []
  const read: Statement = { actions: ['ssm:GetParameters'], resources: names.map((name) => parameterArn(home, name)) }
  if (home.kmsKeyArn === undefined) return [read]
  const viaService = { StringEquals: { 'kms:ViaService': `ssm.${home.region}.amazonaws.com` } }
  return [read, { actions: ['kms:Decrypt'], resources: [home.kmsKeyArn], conditions: viaService }]
}

/** What an operator still has to store, once, by hand. */
export const parametersToFillIn = ({ slack, targets, homeRegion }: Config) => ({
  region: homeRegion,
  required: unique([slack.signingSecretParameter, slack.webhookParameter, ...credentialNames(targets)]),
  duringRotation: slack.previousSigningSecretParameter === undefined ? [] : [slack.previousSigningSecretParameter],
})
