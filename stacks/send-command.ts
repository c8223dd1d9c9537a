// What the state machine may send to which instances. SendCommand is checked against the document and against each instance,
// so these are two permissions: a tag condition on the document would never hold.

import { ConfigError } from '../config/config-error.ts'
import type { Target } from '../config/schema.ts'
import type { Statement } from './constructs/service-role.ts'
import { literal } from './literal.ts'
import { arnOf, type Placement } from './placement.ts'

/** An inline policy has room for 10,240 characters, and an instance's ARN takes about 70. */
const maxInstanceIds = 100

const instanceArn = (placement: Placement, id: string): string =>
  id.startsWith('mi-') ? arnOf(placement, 'ssm', `managed-instance/${id}`) : arnOf(placement, 'ec2', `instance/${id}`)

const unique = <Value>(values: readonly Value[]): Value[] => [...new Set(values)]

/** @throws ConfigError when the targets name more instances by id than a policy can hold */
export const sendCommandStatements = (placement: Placement, documentArns: readonly string[], targets: readonly Target[]): Statement[] => {
  const ids = unique(targets.flatMap(({ instances }) => (instances && 'ids' in instances ? instances.ids : [])))
  if (ids.length > maxInstanceIds) {
    throw new ConfigError(
      `the targets of ${placement.region} name ${ids.length} instances by id, and a policy holds ${maxInstanceIds}: name them by a tag (instances: { tag: { key, values } })`,
    )
  }
  const tags = targets.flatMap(({ instances }) => (instances && 'tag' in instances ? [instances.tag] : []))
  const actions = ['ssm:SendCommand']
  const onIds: Statement[] = ids.length === 0 ? [] : [{ actions, resources: ids.map((id) => instanceArn(placement, id)) }]
  const onTags = unique(tags.map(({ key }) => key)).map((key): Statement => {
    const values = unique(tags.filter((tag) => tag.key === key).flatMap((tag) => tag.values))
    return {
      actions,
      resources: [arnOf(placement, 'ec2', 'instance/*'), arnOf(placement, 'ssm', 'managed-instance/*')],
      conditions: { StringEquals: { [literal(`ssm:resourceTag/${key}`)]: values.map(literal) } },
    }
  })
  return [{ actions, resources: documentArns }, ...onIds, ...onTags]
}
