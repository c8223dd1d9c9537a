// ResultSelector for paths with [*]. The engine turns `$.Commands[*].Status` into an error when the list is empty;
// Step Functions (and moto) give an empty list.

import { runtimeError } from './engine-error.ts'

const step = /\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]|\[(\*)\]/y

type Step = string | number | typeof every
const every = Symbol('[*]')

/** @throws when the path uses more of JSONPath than names, indexes and [*] */
const stepsOf = (path: string): Step[] => {
  const steps: Step[] = []
  step.lastIndex = 1
  while (step.lastIndex < path.length) {
    const match = step.exec(path)
    if (!path.startsWith('$') || !match) throw new Error(`the local engine cannot read the path ${path} beside a [*] in one ResultSelector`)
    steps.push(match[1] ?? (match[3] ? every : Number(match[2])))
  }
  return steps
}

const members = (value: unknown): unknown[] => (typeof value === 'object' && value !== null ? Object.values<unknown>({ ...value }) : [])

const follow = (values: readonly unknown[], by: Step): unknown[] => {
  if (by === every) return values.flatMap(members)
  return values.flatMap((value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value) !== (typeof by === 'number')) return []
    return Object.entries<unknown>({ ...value }).flatMap(([key, member]) => (key === String(by) ? [member] : []))
  })
}

/** One value for a path to one place, a list (which may be empty) for a path with [*]. */
const read = (path: string, steps: readonly Step[], input: unknown): unknown => {
  const found = steps.reduce(follow, [input])
  if (steps.includes(every)) return found
  if (found.length === 0)
    throw runtimeError(`The JSONPath '${path}' specified for the field 'ResultSelector' could not be found in the input`)
  return found[0]
}

type Select = (input: unknown) => unknown

const compile = (template: unknown): Select => {
  if (Array.isArray(template)) {
    const items = template.map(compile)
    return (input) => items.map((select) => select(input))
  }
  if (typeof template !== 'object' || template === null) return () => template
  const fields = Object.entries(template).map(([key, value]): [string, Select] => {
    if (!key.endsWith('.$')) return [key, compile(value)]
    const path = String(value)
    const steps = stepsOf(path)
    return [key.slice(0, -2), (input) => read(path, steps, input)]
  })
  return (input) => Object.fromEntries(fields.map(([key, select]) => [key, select(input)]))
}

/** The selector as a function when the engine's own would go wrong, or undefined. */
export const selectorFor = (template: unknown): Select | undefined =>
  JSON.stringify(template ?? null).includes('[*]') ? compile(template) : undefined
