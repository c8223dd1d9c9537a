// What zod finds wrong with a value, in the words of the person who wrote it.

import { inspect } from 'node:util'
import leven from 'leven'
import * as z from 'zod'

const names: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'a text',
}

const written = (value: unknown): string => {
  const text = inspect(value, { breakLength: Infinity })
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** The one of `known` that `text` is most likely meant to be. */
export const nearest = (text: string, known: readonly string[]): string | undefined => {
  const near = known
    .map((word) => ({ word, distance: leven(text.toLowerCase(), word.toLowerCase()) }))
    .filter(({ word, distance }) => distance <= Math.max(1, Math.floor(word.length / 3)))
    .sort((a, b) => a.distance - b.distance)
  return near[0]?.word
}

const choice = (input: unknown, values: readonly unknown[]): string => {
  const list = values.map(String).join(', ')
  if (input === undefined) return `is missing: one of ${list}`
  const words = values.filter((value) => typeof value === 'string')
  const meant = typeof input === 'string' ? nearest(input, words) : undefined
  return `is ${written(input)}, and must be one of ${list}${meant === undefined ? '' : `: did you mean ${meant}?`}`
}

const entries = (many: number | bigint): string => (many === 1 ? '1 entry' : `${many} entries`)
const characters = (many: number | bigint): string => (many === 1 ? '1 character' : `${many} characters`)

const tooSmall = ({ origin, minimum, input }: z.core.$ZodRawIssue<z.core.$ZodIssueTooSmall>): string => {
  if (origin === 'array') return minimum === 1 ? 'is empty: it takes at least one entry' : `must have at least ${entries(minimum)}`
  if (origin === 'string') return minimum === 1 ? 'is empty' : `must have at least ${characters(minimum)}`
  return `is ${written(input)}, and must be at least ${minimum}`
}

const tooBig = ({ origin, maximum, input }: z.core.$ZodRawIssue<z.core.$ZodIssueTooBig>): string => {
  if (origin === 'array') return `has ${entries(Array.isArray(input) ? input.length : 0)}, and must have at most ${maximum}`
  if (origin === 'string') return `has ${characters(typeof input === 'string' ? input.length : 0)}, and must have at most ${maximum}`
  return `is ${written(input)}, and must be at most ${maximum}`
}

/** A union of single values (14 or 30 or 60) fails with one error for each of them. */
const unionValues = (errors: readonly z.core.$ZodIssue[][]): unknown[] =>
  errors.flat().flatMap((issue) => (issue.code === 'invalid_value' && issue.path.length === 0 ? issue.values : []))

const unionWording = (issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string | undefined => {
  if (issue.discriminator === undefined) {
    const values = unionValues(issue.errors)
    return values.length > 0 ? choice(issue.input, values) : undefined
  }
  const { input } = issue
  const given: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, issue.discriminator) : undefined
  return choice(given, Array.isArray(issue.options) ? issue.options : [])
}

/** @returns undefined where zod's own words, or the schema's, do */
export const wording: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'too_small') return tooSmall(issue)
  if (issue.code === 'too_big') return tooBig(issue)
  if (issue.code === 'invalid_value') return choice(issue.input, issue.values)
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => message).join('; ')
  if (issue.code === 'invalid_union') return unionWording(issue)
  if (issue.code === 'invalid_format' && issue.format === 'email') return `${written(issue.input)} is no e-mail address`
  if (issue.code !== 'invalid_type') return undefined
  const name = names[issue.expected] ?? issue.expected
  return issue.input === undefined ? `is missing: ${name}` : `must be ${name}, and is ${written(issue.input)}`
}
