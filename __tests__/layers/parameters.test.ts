// What the patterns of every document refuse: each attack on each parameter.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { documentOf } from '../../ssm/render.ts'
import { everyDocument, exampleOf } from './examples.ts'

const declaredBy = new Map(
  [...everyDocument].map((document) => [document, documentOf(document, { executionTimeoutSeconds: 60 }).parameters]),
)

it.each([...everyDocument])('$name gets the parameters that it declares', (document) => {
  expect(Object.keys(exampleOf(document)).sort()).toEqual(Object.keys(declaredBy.get(document) ?? {}).sort())
})

const parameters = [...declaredBy].flatMap(([document, declared]) =>
  Object.entries(declared).map(([name, each]) => ({ document, name, declared: each, good: exampleOf(document)[name] ?? '' })),
)

const attacks = [
  '\n',
  '\r',
  '\0',
  '\t',
  '$(id)',
  '${IFS}',
  '`id`',
  '"',
  "'",
  '\\',
  '|| id',
  '<x',
  '>x',
  '#',
  '{{ ssm:x }}',
  '*',
  '\u2028',
  '\u202e',
]

describe.each(parameters)('$document.name $name', ({ declared, good }) => {
  const accepts = (value: string): boolean => value.length <= declared.maxChars && new RegExp(declared.allowedPattern).test(value)
  const at = fc.nat(good.length)
  const put = (text: string, position: number): string => good.slice(0, position) + text + good.slice(position)

  it('takes what is meant to be sent', () => {
    expect(good).not.toBe('')
    expect(accepts(good)).toBe(true)
  })

  it('is refused with an attack in it, wherever that stands', () => {
    fc.assert(
      fc.property(fc.constantFrom(...attacks), at, (attack, position) => !accepts(put(attack, position))),
      { numRuns: 500 },
    )
  })

  it('is refused with any control character and any character beyond ASCII', () => {
    const odd = fc.oneof(fc.integer({ min: 0, max: 31 }), fc.integer({ min: 127, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
    fc.assert(
      fc.property(odd, at, (point, position) => !accepts(put(String.fromCodePoint(point), position))),
      { numRuns: 500 },
    )
  })

  it('is refused when it is empty, too long, or begins with a space or as an option', () => {
    for (const value of ['', ' ', ` ${good}`, `-${good}`, `--${good}`, '-rf', good + 'a'.repeat(declared.maxChars)])
      expect(accepts(value), JSON.stringify(value)).toBe(false)
  })
})

describe.each(parameters.filter(({ good }) => good.startsWith('/')))('$document.name $name', ({ name, declared, good }) => {
  it('is refused as a path that leads elsewhere than it says', () => {
    const pattern = new RegExp(declared.allowedPattern)
    const ends = [...good.matchAll(/\//g)].map(({ index }) => index).concat(good.length)
    const paths = ends.flatMap((end) => ['/..', '/.', '/', '/...', '/ x'].map((part) => good.slice(0, end) + part + good.slice(end)))
    // A cache may lie in the root directory; which of those are refused is for the script to say.
    const shallow = /^CachePaths?$/.test(name) ? [] : ['/var']
    for (const path of [...paths, ...shallow, '/', good.slice(1), `.${good}`, `..${good}`, `~${good}`])
      expect(path, JSON.stringify(path)).not.toMatch(pattern)
  })
})
