// The secrets: are they there, encrypted, and do they look like what they are?

import { GetParametersCommand, type Parameter, type SSMClient } from '@aws-sdk/client-ssm'
import type { Config } from '../../config/schema.ts'
import { type CheckResult, ok, problem, warning } from './finding.ts'

type Role = 'signing-secret' | 'webhook' | 'cloudflare'

export interface Secret {
  readonly name: string
  readonly role: Role
  /** Where a person finds its value. */
  readonly from: string
}

const looksRight: Readonly<Record<Role, { readonly pattern: RegExp; readonly like: string }>> = {
  'signing-secret': { pattern: /^[0-9a-f]{32}$/, like: '32 hexadecimal digits' },
  webhook: { pattern: /^https:\/\/\S+$|^http:\/\/127\.0\.0\.1\S*$/, like: 'an https URL' },
  cloudflare: { pattern: /^[\x21-\x7e]+$/, like: 'one word without spaces' },
}

/** Why `value` cannot be that secret, or undefined. Never quotes it. */
export const secretProblem = ({ role }: Secret, value: string): string | undefined =>
  looksRight[role].pattern.test(value.trim()) ? undefined : `does not look like ${looksRight[role].like}`

/** Every secret that a deployment needs, once each. The one of before a rotation may be missing, and is not among them. */
export const neededSecrets = ({ slack, targets }: Config): Secret[] => {
  const credentials = targets.flatMap(({ edge }) => (edge ? [edge.credentials] : []))
  return [
    { name: slack.signingSecretParameter, role: 'signing-secret', from: 'Slack app > Basic Information > Signing Secret' },
    { name: slack.webhookParameter, role: 'webhook', from: 'Slack app > Incoming Webhooks > Webhook URL' },
    ...[...new Map(credentials.map(({ parameter, kind }) => [parameter, kind]))].map(
      ([name, kind]): Secret => ({
        name,
        role: 'cloudflare',
        from:
          kind === 'token'
            ? 'Cloudflare > My Profile > API Tokens > Create: Zone > Cache Purge > Purge, for this zone'
            : 'Cloudflare > My Profile > API Tokens > Global API Key',
      }),
    ),
  ]
}

const most = 10

/** @param client of the home region */
export const readParameters = async (client: Pick<SSMClient, 'send'>, names: readonly string[]): Promise<Map<string, Parameter>> => {
  const found = new Map<string, Parameter>()
  for (let start = 0; start < names.length; start += most) {
    const Names = names.slice(start, start + most)
    const { Parameters = [] } = await client.send(new GetParametersCommand({ Names, WithDecryption: true }))
    for (const parameter of Parameters) if (parameter.Name !== undefined) found.set(parameter.Name, parameter)
  }
  return found
}

export const checkParameters = (secrets: readonly Secret[], found: ReadonlyMap<string, Parameter>, region: string): CheckResult[] =>
  secrets.map((secret) => {
    const subject = `Parameter ${secret.name}`
    const parameter = found.get(secret.name)
    if (parameter?.Value === undefined) return problem(subject, `is missing in ${region}: npm run secrets (${secret.from})`)
    const odd = secretProblem(secret, parameter.Value)
    if (odd !== undefined) return problem(subject, `${odd}: npm run secrets -- --replace ${secret.name} (${secret.from})`)
    if (parameter.Type !== 'SecureString')
      return warning(subject, 'is readable text: delete it and make it a SecureString with npm run secrets')
    return ok(subject, 'is there')
  })
