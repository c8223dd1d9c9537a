// Draws a definition as a Mermaid flowchart, so that the picture in the README cannot drift from what runs.

import * as z from 'zod'

const Branch = z.object({ StartAt: z.string(), States: z.record(z.string(), z.unknown()) })

const State = z.object({
  Type: z.string(),
  Next: z.string().optional(),
  Default: z.string().optional(),
  Choices: z.array(z.looseObject({ Next: z.string() })).default([]),
  Catch: z.array(z.object({ Next: z.string() })).default([]),
  ItemProcessor: Branch.optional(),
})
type State = z.infer<typeof State>

/** "StringEquals": "throttled" -> throttled; a comparison with a path keeps its operator. */
const choiceLabel = (choice: Readonly<Record<string, unknown>>): string => {
  const [operator, value] = Object.entries(choice).find(([key]) => !['Variable', 'Next', 'Comment'].includes(key)) ?? ['', '']
  if (operator === 'IsPresent') return value === true ? 'present' : 'absent'
  if (operator.endsWith('Path')) return 'limit reached'
  return operator === 'BooleanEquals' ? (value === true ? 'yes' : 'no') : String(value)
}

const shape: Readonly<Record<string, readonly [string, string]>> = {
  Choice: ['{', '}'],
  Succeed: ['([', '])'],
  Fail: ['([', '])'],
  Wait: ['[/', '/]'],
}

export const drawDiagram = (definition: unknown): string => {
  const ids = new Map<string, string>()
  const idOf = (name: string): string => {
    const id = ids.get(name) ?? `s${ids.size}`
    ids.set(name, id)
    return id
  }
  const node = (name: string, { Type }: State): string => {
    const [open, close] = shape[Type] ?? ['[', ']']
    return `${idOf(name)}${open}"${name}"${close}`
  }
  const arrows = (name: string, state: State): string[] => {
    const labelled = new Map<string, string[]>()
    const add = (to: string, label: string) => labelled.set(to, [...(labelled.get(to) ?? []), label])
    for (const choice of state.Choices) add(choice.Next, choiceLabel(choice))
    if (state.Default !== undefined) add(state.Default, 'otherwise')
    return [
      ...(state.Next === undefined ? [] : [`${idOf(name)} --> ${idOf(state.Next)}`]),
      ...[...labelled].map(([to, labels]) => `${idOf(name)} -->|${labels.join(', ')}| ${idOf(to)}`),
      ...state.Catch.map(({ Next }) => `${idOf(name)} -.->|error| ${idOf(Next)}`),
    ]
  }
  const draw = (branch: unknown, indent: string): string[] =>
    Object.entries(Branch.parse(branch).States).flatMap(([name, raw]) => {
      const state = State.parse(raw)
      const own = state.ItemProcessor
        ? [`subgraph ${idOf(name)}["${name}: one layer at a time"]`, '  direction TB', ...draw(state.ItemProcessor, '  '), 'end']
        : [node(name, state)]
      return [...own, ...arrows(name, state)].map((line) => `${indent}${line}`)
    })
  return ['flowchart TB', ...draw(definition, '  ')].join('\n')
}
