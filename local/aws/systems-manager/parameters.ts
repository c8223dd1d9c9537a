// Parameter Store: the few secrets that functions read by name, per region.

import * as z from 'zod'
import { page } from '../protocol/paging.ts'
import { action, AwsError, seconds, type Actions } from '../protocol/protocol.ts'

/** Region -> name -> value. A secret exists in one region only; elsewhere it is unknown. */
export type ParametersByRegion = Readonly<Record<string, Readonly<Record<string, string>>>>

interface Stored {
  readonly value: string
  readonly type: 'String' | 'StringList' | 'SecureString'
  readonly version: number
  readonly changedAt: number
}

const WithDecryption = z.boolean().default(false)
const Name = z.string().min(1).max(2048)

const PutInput = z.object({
  Name: Name.regex(/^\/?[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/, 'Parameter name must be a fully qualified name'),
  Value: z.string().min(1).max(4096),
  Type: z.enum(['String', 'StringList', 'SecureString']).default('SecureString'),
  Overwrite: z.boolean().default(false),
})

const DescribeInput = z.object({
  ParameterFilters: z
    .array(z.object({ Key: z.literal('Name'), Option: z.literal('Equals').default('Equals'), Values: z.array(z.string()).min(1) }))
    .default([]),
  MaxResults: z.int().min(1).max(50).default(10),
  NextToken: z.string().optional(),
})

export const parameterActions = (given: ParametersByRegion, now: () => number): Actions => {
  const changedAt = now()
  const stored = new Map(
    Object.entries(given).map(([region, parameters]) => [
      region,
      new Map(
        Object.entries(parameters).map(([name, value]): [string, Stored] => [name, { value, type: 'SecureString', version: 1, changedAt }]),
      ),
    ]),
  )
  const inRegion = (region: string): Map<string, Stored> => {
    const parameters = stored.get(region) ?? new Map<string, Stored>()
    stored.set(region, parameters)
    return parameters
  }
  const described = (region: string, name: string, { type, version, changedAt: changed }: Stored) => ({
    Name: name,
    Type: type,
    Version: version,
    LastModifiedDate: seconds(changed),
    ARN: `arn:aws:ssm:${region}:000000000000:parameter${name.startsWith('/') ? '' : '/'}${name}`,
    DataType: 'text',
  })
  const find = (region: string, name: string, withDecryption: boolean) => {
    const parameter = inRegion(region).get(name)
    if (parameter === undefined) return undefined
    const { type, value } = parameter
    // Without decryption AWS returns the ciphertext, which nobody can use.
    const readable = withDecryption || type !== 'SecureString' ? value : Buffer.from(`encrypted:${name}`).toString('base64')
    return { ...described(region, name, parameter), Value: readable }
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
    PutParameter: action(PutInput, ({ Name: name, Value: value, Type: type, Overwrite }, region) => {
      const before = inRegion(region).get(name)
      if (before && !Overwrite)
        throw new AwsError(
          'ParameterAlreadyExists',
          'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
        )
      const version = (before?.version ?? 0) + 1
      inRegion(region).set(name, { value, type, version, changedAt: now() })
      return { Version: version, Tier: 'Standard' }
    }),
    DescribeParameters: action(DescribeInput, ({ ParameterFilters, MaxResults, NextToken }, region) => {
      const wanted = [...inRegion(region)].filter(([name]) => ParameterFilters.every(({ Values }) => Values.includes(name)))
      const { items, nextToken } = page(wanted, MaxResults, NextToken, 'InvalidNextToken')
      return { Parameters: items.map(([name, parameter]) => described(region, name, parameter)), NextToken: nextToken }
    }),
  }
}
