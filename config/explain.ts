// Puts what is wrong with a config into one line a mistake: where it is, and what to do. Not part of any function's bundle.

import * as z from 'zod'
import { nearest, wording } from './wording.ts'

type Path = readonly PropertyKey[]

const valueAt = (root: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined), root)

/** `targets.portal.layers[1]`: a target by its id, as long as no other has the same. */
const where = (root: unknown, path: Path): string => {
  const list = valueAt(root, ['targets'])
  const ids = Array.isArray(list) ? list.map((target) => valueAt(target, ['id'])) : []
  const text = path.map((part, index) => {
    if (typeof part !== 'number') return `.${String(part)}`
    const id: unknown = index === 1 && path[0] === 'targets' ? ids[part] : undefined
    return typeof id === 'string' && /^[a-z][a-z0-9-]{0,31}$/.test(id) && ids.indexOf(id) === ids.lastIndexOf(id) ? `.${id}` : `[${part}]`
  })
  return text.join('').replace(/^\./, '') || '(the whole file)'
}

interface Problem {
  readonly path: Path
  readonly message: string
  /** The key that an unknown one is most likely meant to be. */
  readonly meant?: string
}

const unknownKey = (path: Path, key: string, known: readonly string[]): Problem => {
  const meant = nearest(key, known)
  const hint = meant === undefined ? `known are ${known.join(', ')}` : `did you mean ${meant}?`
  return { path: [...path, key], message: `is not known here: ${hint}`, ...(meant === undefined ? {} : { meant }) }
}

const withNearest = (message: string, path: Path, raw: unknown, known: unknown): string => {
  // A key of a record is wrong by its own name.
  const value = valueAt(raw, path)
  const given = typeof value === 'string' ? value : String(path.at(-1))
  const meant = Array.isArray(known) ? nearest(given, known.map(String)) : undefined
  return meant === undefined ? message : `${message}: did you mean ${meant}?`
}

/** @returns one line for each mistake in `raw`, none where `schema` takes it */
export const explain = (schema: z.ZodType, raw: unknown): string[] => {
  // The finished issue has lost its schema, which alone knows the keys that would have been right.
  const keysOf = new Map<unknown, readonly string[]>()
  const parsed = schema.safeParse(raw, {
    error: (issue) => {
      if (issue.code === 'unrecognized_keys' && issue.inst instanceof z.ZodObject) keysOf.set(issue.input, Object.keys(issue.inst.shape))
      return wording(issue)
    },
  })
  const problems = (parsed.error?.issues ?? []).flatMap(({ path, message, ...issue }): Problem[] =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => unknownKey(path, key, keysOf.get(valueAt(raw, path)) ?? []))
      : [{ path, message: issue.code === 'custom' ? withNearest(message, path, raw, issue.params?.['known']) : message }],
  )
  // A misspelt key is one mistake, though its right name is missing too.
  const meant = new Set(
    problems.flatMap((problem) => (problem.meant === undefined ? [] : [where(raw, [...problem.path.slice(0, -1), problem.meant])])),
  )
  return [
    ...new Set(
      problems
        .map(({ path, message }) => ({ at: where(raw, path), message }))
        .filter(({ at, message }) => !(message.startsWith('is missing') && meant.has(at)))
        .map(({ at, message }) => `${at}: ${message}`),
    ),
  ]
}
