// Parameter Store: the few secrets that functions read by name, per region.

import * as z from 'zod'
import { own } from '../protocol/own.ts'
import { action, AwsError, seconds, type Actions } from '../protocol/protocol.ts'

/** Region -> name -> value. A secret exists in one region only; elsewhere it is unknown. */
export type ParametersByRegion = Readonly<Record<string, Readonly<Record<string, string>>>>

const WithDecryption = z.boolean().default(false)

export const parameterActions = (parameters: ParametersByRegion, startedAt: number): Actions => {
  const find = (region: string, name: string, withDecryption: boolean) => {
    const value = own(own(parameters, region), name)
    if (value === undefined) return undefined
    return {
      Name: name,
      Type: 'SecureString',
      // Without decryption AWS returns the ciphertext, which nobody can use.
      Value: withDecryption ? value : Buffer.from(`encrypted:${name}`).toString('base64'),
      Version: 1,
      LastModifiedDate: seconds(startedAt),
      ARN: `arn:aws:ssm:${region}:000000000000:parameter${name.startsWith('/') ? '' : '/'}${name}`,
      DataType: 'text',
    }
  }

  return {
    GetParameters: action(z.object({ Names: z.array(z.string().min(1)).min(1).max(10), WithDecryption }), (input, region) => {
      const found = input.Names.map((name) => find(region, name, input.WithDecryption))
      return {
        Parameters: found.filter((parameter) => parameter !== undefined),
        InvalidParameters: input.Names.filter((_, index) => found[index] === undefined),
      }
    }),
    GetParameter: action(z.object({ Name: z.string().min(1), WithDecryption }), (input, region) => {
      const parameter = find(region, input.Name, input.WithDecryption)
      if (!parameter) throw new AwsError('ParameterNotFound', `Parameter ${input.Name} not found.`)
      return { Parameter: parameter }
    }),
  }
}
