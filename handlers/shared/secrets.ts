// Reads secrets from Parameter Store by name and keeps them for a short while, so that a rotation takes effect soon.

import { GetParametersCommand, type SSMClient } from '@aws-sdk/client-ssm'
import { SecretUnavailable } from './errors.ts'

/** Resolves to the values by parameter name; a parameter that is missing or empty is absent from the map. */
export type ReadSecrets = (names: readonly string[], signal?: AbortSignal) => Promise<ReadonlyMap<string, string>>

const keepMs = 5 * 60_000
/** Shorter, so that a parameter that somebody has just created is found soon. */
const keepAbsentMs = 30_000

/** @param client of the home region, where the one copy of each secret lives */
export const createSecretReader = (client: Pick<SSMClient, 'send'>, now: () => number): ReadSecrets => {
  const kept = new Map<string, { readonly value: string; readonly until: number }>()
  return async (names, signal) => {
    const stale = names.filter((name) => (kept.get(name)?.until ?? 0) <= now())
    if (stale.length > 0) {
      const command = new GetParametersCommand({ Names: stale, WithDecryption: true })
      const { Parameters = [] } = await client.send(command, signal ? { abortSignal: signal } : {})
      for (const name of stale) {
        // People paste secrets with a line break at the end.
        const value = Parameters.find(({ Name }) => Name === name)?.Value?.trim() ?? ''
        kept.set(name, { value, until: now() + (value === '' ? keepAbsentMs : keepMs) })
      }
    }
    const found = names.map((name): [string, string] => [name, kept.get(name)?.value ?? ''])
    return new Map(found.filter(([, value]) => value !== ''))
  }
}

/** @throws SecretUnavailable when the parameter is missing or empty */
export const readSecret = async (read: ReadSecrets, name: string): Promise<string> => {
  const value = (await read([name])).get(name)
  if (value === undefined) {
    throw new SecretUnavailable(`the SSM parameter ${name} is missing or empty in the home region: create it as a SecureString`)
  }
  return value
}
