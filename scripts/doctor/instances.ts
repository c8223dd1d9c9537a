// The instances: does Systems Manager reach them, with an agent that is new enough?

import { type InstanceInformation, paginateDescribeInstanceInformation, type SSMClient } from '@aws-sdk/client-ssm'
import type { Target } from '../../config/schema.ts'
import { type CheckResult, ok, problem } from './finding.ts'

/** The first that hands parameters over as environment variables. */
const oldestAgent = '3.3.2746.0'

const isOlder = (version: string, than: string): boolean => {
  const [mine, other] = [version, than].map((text) => text.split('.').map(Number))
  for (const [index, part] of (other ?? []).entries()) {
    const own = mine?.[index] ?? 0
    if (own !== part) return own < part
  }
  return false
}

const filterOf = (instances: NonNullable<Target['instances']>) =>
  'ids' in instances ? { Key: 'InstanceIds', Values: instances.ids } : { Key: `tag:${instances.tag.key}`, Values: instances.tag.values }

/** @param client of the target's region */
export const findInstances = async (client: SSMClient, instances: NonNullable<Target['instances']>): Promise<InstanceInformation[]> => {
  const found: InstanceInformation[] = []
  const pages = paginateDescribeInstanceInformation({ client, pageSize: 50 }, { Filters: [filterOf(instances)] })
  for await (const { InstanceInformationList = [] } of pages) found.push(...InstanceInformationList)
  return found
}

export const checkInstances = (
  { id, region, instances }: Pick<Target, 'id' | 'region' | 'instances'>,
  found: readonly InstanceInformation[],
): CheckResult[] => {
  if (instances === undefined) return []
  const subject = `Instances of ${id}`
  const known = new Set(found.map(({ InstanceId }) => InstanceId))
  const missing = 'ids' in instances ? instances.ids.filter((instance) => !known.has(instance)) : []
  const silent = found.filter(({ PingStatus }) => PingStatus !== 'Online')
  const old = found.filter(({ AgentVersion = '0' }) => isOlder(AgentVersion, oldestAgent))
  const names = (list: readonly InstanceInformation[]): string => list.map(({ InstanceId }) => InstanceId).join(', ')
  const problems = [
    ...(missing.length === 0
      ? []
      : [
          `Systems Manager in ${region} does not know ${missing.join(', ')}: check the ids, the agent and the instance profile (AmazonSSMManagedInstanceCore)`,
        ]),
    ...('tag' in instances && found.length === 0
      ? [`no instance in ${region} has the tag ${instances.tag.key} = ${instances.tag.values.join(' or ')}`]
      : []),
    ...(silent.length === 0 ? [] : [`${names(silent)} cannot be reached: start the instance, or its agent`]),
    ...(old.length === 0 ? [] : [`${names(old)}: an agent older than ${oldestAgent}: run the document AWS-UpdateSSMAgent`]),
  ]
  return problems.length === 0 ? [ok(subject, `${found.length} online`)] : problems.map((said) => problem(subject, said))
}
