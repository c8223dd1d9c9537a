// The instances: does Systems Manager reach them, with an agent that is new enough?

import { type InstanceInformation, paginateDescribeInstanceInformation, type SSMClient } from '@aws-sdk/client-ssm'
import { describeTags, type Instances, type Selector, selectorsOf } from '../../config/instances.ts'
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

const filtersOf = (selector: Selector) =>
  'ids' in selector
    ? [{ Key: 'InstanceIds', Values: [...selector.ids] }]
    : selector.tags.map(({ key, values }) => ({ Key: `tag:${key}`, Values: values }))

/** What a part of a target's instances is called by, and those of it that Systems Manager knows. */
export interface Found {
  readonly selector: Selector
  readonly instances: readonly InstanceInformation[]
}

/** @param client of the target's region */
export const findInstances = async (client: SSMClient, named: Instances): Promise<Found[]> => {
  const found: Found[] = []
  for (const selector of selectorsOf(named)) {
    const instances: InstanceInformation[] = []
    const pages = paginateDescribeInstanceInformation({ client, pageSize: 50 }, { Filters: filtersOf(selector) })
    for await (const { InstanceInformationList = [] } of pages) instances.push(...InstanceInformationList)
    found.push({ selector, instances })
  }
  return found
}

export const checkInstances = ({ id, region }: Pick<Target, 'id' | 'region'>, parts: readonly Found[]): CheckResult[] => {
  const subject = `Instances of ${id}`
  const found = [...new Map(parts.flatMap(({ instances }) => instances).map((instance) => [instance.InstanceId, instance])).values()]
  const missing = parts.flatMap(({ selector, instances }) =>
    'ids' in selector ? selector.ids.filter((id) => !instances.some(({ InstanceId }) => InstanceId === id)) : [],
  )
  const silent = found.filter(({ PingStatus }) => PingStatus !== 'Online')
  const old = found.filter(({ AgentVersion = '0' }) => isOlder(AgentVersion, oldestAgent))
  const names = (list: readonly InstanceInformation[]): string => list.map(({ InstanceId }) => InstanceId).join(', ')
  const problems = [
    ...(missing.length === 0
      ? []
      : [
          `Systems Manager in ${region} does not know ${missing.join(', ')}: check the ids, the agent and the instance profile (AmazonSSMManagedInstanceCore)`,
        ]),
    ...parts.flatMap(({ selector, instances }) =>
      'tags' in selector && instances.length === 0 ? [`no instance in ${region} has the tag ${describeTags(selector.tags)}`] : [],
    ),
    ...(silent.length === 0 ? [] : [`${names(silent)} cannot be reached: start the instance, or its agent`]),
    ...(old.length === 0 ? [] : [`${names(old)}: an agent older than ${oldestAgent}: run the document AWS-UpdateSSMAgent`]),
  ]
  return problems.length === 0 ? [ok(subject, `${found.length} online`)] : problems.map((said) => problem(subject, said))
}
