// What people and executions call several targets by: a group's name, or several names with a space between.

import type { Config, Target } from './schema.ts'

/** @returns the targets that `names` names, each once and in that order; undefined where one of the names is none */
export const targetsNamed = ({ targets, groups }: Pick<Config, 'targets' | 'groups'>, names: string): Target[] | undefined => {
  const found = names.split(' ').map((name) => {
    const ids = Object.hasOwn(groups, name) ? groups[name] : [name]
    return targets.filter(({ id }) => ids?.includes(id) === true)
  })
  return found.some((targets) => targets.length === 0) ? undefined : [...new Set(found.flat())]
}
