// moto lets everybody do everything. This refuses, as AWS would, what the deployed roles do not allow the state machine and its functions.

import { json, type HttpReply } from '../../local/server/http.ts'
import type { Instance } from '../../local/instance/instance.ts'
import type { AwsCall, Intercept } from './proxy.ts'
import type { DeployedResource } from './terraform.ts'

interface Statement {
  readonly Effect: 'Allow' | 'Deny'
  readonly Action: string | readonly string[]
  readonly Resource: string | readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

/** Role name -> the statements of its inline policies, as read back after a deployment. */
export type DeployedPolicies = ReadonlyMap<string, readonly Statement[]>

/** @param resources of a deployment, as in Terraform's state */
export const policiesIn = (resources: readonly DeployedResource[]): DeployedPolicies => {
  const policies = new Map<string, readonly Statement[]>()
  for (const { values } of resources.filter(({ type }) => type === 'aws_iam_role_policy')) {
    const role = String(values['role'])
    const { Statement } = JSON.parse(String(values['policy'])) as { readonly Statement: readonly Statement[] }
    policies.set(role, [...(policies.get(role) ?? []), ...Statement])
  }
  return policies
}

export interface Needed {
  readonly action: string
  readonly resource: string
  readonly tags?: Readonly<Record<string, string>>
}

const listed = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value)

const matches = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  ).test(text)

const conditionHolds = ({ Condition }: Statement, tags: Readonly<Record<string, string>> = {}): boolean =>
  Object.entries(Condition ?? {}).every(([operator, byKey]) =>
    Object.entries(byKey).every(([key, values]) => {
      const tag = /^ssm:resourceTag\/(.+)$/.exec(key)?.[1]
      // A condition that this does not know grants nothing: better a false alarm than a false peace.
      return operator === 'StringEquals' && tag !== undefined && listed(values).includes(tags[tag] ?? '')
    }),
  )

export const isAllowed = (statements: readonly Statement[], { action, resource, tags }: Needed): boolean =>
  statements.some(
    (statement) =>
      statement.Effect === 'Allow' &&
      listed(statement.Action).includes(action) &&
      listed(statement.Resource).some((pattern) => matches(pattern, resource)) &&
      conditionHolds(statement, tags),
  )

const account = '123456789012'
const body = (call: AwsCall): Record<string, unknown> => JSON.parse(call.request.body.toString() || '{}') as Record<string, unknown>

const sentTo = (
  { Targets = [] }: { Targets?: readonly { Key: string; Values: readonly string[] }[] },
  region: string,
  instances: readonly Instance[],
): Instance[] =>
  instances.filter(
    (instance) =>
      instance.region === region &&
      Targets.every(({ Key, Values }) =>
        Values.includes(Key === 'InstanceIds' ? instance.instanceId : (instance.tags[Key.replace(/^tag:/, '')] ?? '')),
      ),
  )

/** What a call needs, resource by resource. */
const needs = (call: AwsCall, instances: readonly Instance[]): Needed[] => {
  const { service, region, action, request } = call
  const invoked = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url.pathname)?.[1]
  if (service === 'lambda' && invoked !== undefined) {
    const name = decodeURIComponent(invoked).split(':').at(-1) ?? ''
    return [{ action: 'lambda:InvokeFunction', resource: `arn:aws:lambda:${region}:${account}:function:${name}` }]
  }
  const arn = (resource: string): string => `arn:aws:${service}:${region}:${account}:${resource}`
  const input = body(call)
  switch (`${service}:${action}`) {
    case 'ssm:SendCommand':
      return [
        { action: 'ssm:SendCommand', resource: arn(`document/${String(input['DocumentName'])}`) },
        ...sentTo(input, region, instances).map(({ instanceId, tags }) => ({
          action: 'ssm:SendCommand',
          resource: `arn:aws:ec2:${region}:${account}:instance/${instanceId}`,
          tags,
        })),
      ]
    case 'ssm:GetParameters':
      return (input['Names'] as string[]).map((name) => ({ action: 'ssm:GetParameters', resource: arn(`parameter${name}`) }))
    case 'states:StartExecution':
      return [{ action: 'states:StartExecution', resource: String(input['stateMachineArn']) }]
    case 'states:GetExecutionHistory':
      return [{ action: 'states:GetExecutionHistory', resource: String(input['executionArn']) }]
    default:
      return [{ action: `${service}:${action}`, resource: '*' }]
  }
}

const denied = (role: string, { action, resource }: Needed): HttpReply => {
  const message = `${role} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`
  return json(400, { __type: 'AccessDeniedException', message, Message: message }, { 'x-amzn-errortype': 'AccessDeniedException' })
}

export interface Permissions {
  readonly intercept: Intercept
  /** Every action that was needed, by role: what is granted beyond it is granted for nothing. */
  readonly used: () => readonly string[]
}

/** @param prefix the deployment's name, with which its roles begin */
export const enforcePermissions = (prefix: string, policies: () => DeployedPolicies, instances: readonly Instance[]): Permissions => {
  const used = new Set<string>()
  const roleOf = ({ accessKey, region, request }: AwsCall): string | undefined => {
    if (accessKey === 'ak') return `${prefix}-purge-${region}`
    return /\bapp\/(\S+)/.exec(request.headers['user-agent'] ?? '')?.[1]
  }
  return {
    intercept: (call) => {
      const role = roleOf(call)
      if (role === undefined) return undefined
      const statements = policies().get(role) ?? []
      const needed = needs(call, instances)
      for (const { action } of needed) used.add(`${role}: ${action}`)
      const missing = needed.find((need) => !isAllowed(statements, need))
      return missing && Promise.resolve(denied(role, missing))
    },
    used: () => [...used].sort(),
  }
}
