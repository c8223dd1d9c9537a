// What the state machine may send to which instances. SendCommand is checked against the document and against each instance,
// so these are two permissions: a tag condition on the document would never hold.

import { ConfigError } from '../config/config-error.ts'
import { selectorsOf } from '../config/instances.ts'
import type { Target } from '../config/schema.ts'
import type { Statement } from './constructs/service-role.ts'
import { literal } from './literal.ts'
import { arnOf, type Placement } from './placement.ts'

/** An inline policy has room for 10,240 characters, and an instance's ARN takes about 70. */
const maxInstanceIds = 100

const instanceArn = (placement: Placement, id: string): string =>
  id.startsWith('mi-') ? arnOf(placement, 'ssm', `managed-instance/${id}`) : arnOf(placement, 'ec2', `instance/${id}`)

const unique = <Value>(values: readonly Value[]): Value[] => [...new Set(values)]

type Tags = readonly { readonly key: string; readonly values: readonly string[] }[]

const asCondition = (tags: Tags): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(tags.map(({ key, values }) => [literal(`ssm:resourceTag/${key}`), values.map(literal)]))

/** An instance must meet the whole of one. Those of a single tag that share a key are one with all its values. */
const conditionsOf = (sets: readonly Tags[]): Readonly<Record<string, readonly string[]>>[] => {
  const single = sets.filter((tags) => tags.length === 1).flat()
  const merged = unique(single.map(({ key }) => key)).map((key) =>
    asCondition([{ key, values: unique(single.filter((tag) => tag.key === key).flatMap(({ values }) => values)) }]),
  )
  return [...merged, ...sets.filter((tags) => tags.length > 1).map(asCondition)]
}

/** @throws ConfigError when the targets name more instances by id than a policy can hold */
export const sendCommandStatements = (placement: Placement, documentArns: readonly string[], targets: readonly Target[]): Statement[] => {
  const selectors = targets.flatMap(({ instances }) => (instances ? selectorsOf(instances) : []))
  const ids = unique(selectors.flatMap((selector) => ('ids' in selector ? selector.ids : [])))
  if (ids.length > maxInstanceIds) {
    throw new ConfigError(
      `the targets of ${placement.region} name ${ids.length} instances by id, and a policy holds ${maxInstanceIds}: name them by a tag (instances: { tag: { key, values } })`,
    )
  }
  const actions = ['ssm:SendCommand']
  const onIds: Statement[] = ids.length === 0 ? [] : [{ actions, resources: ids.map((id) => instanceArn(placement, id)) }]
  const onTags = conditionsOf(selectors.flatMap((selector) => ('tags' in selector ? [selector.tags] : []))).map(
    (condition): Statement => ({
      actions,
      resources: [arnOf(placement, 'ec2', 'instance/*'), arnOf(placement, 'ssm', 'managed-instance/*')],
      conditions: { StringEquals: condition },
    }),
  )
  return [{ actions, resources: documentArns }, ...onIds, ...onTags]
}
