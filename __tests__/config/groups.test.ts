import { describe, expect, it } from 'vitest'
import { targetsNamed } from '../../config/groups.ts'
import { aConfig, aConfigInput, errorsOf } from './a-config.ts'

const config = aConfig({ groups: { all: ['portal', 'main'] } })
const ids = (names: string) => targetsNamed(config, names)?.map(({ id }) => id)

describe('targets are named', () => {
  it.each([
    ['portal', ['portal']],
    ['all', ['portal', 'main']],
    ['main portal', ['main', 'portal']],
    ['main all', ['main', 'portal']],
    ['portal portal', ['portal']],
  ])('by %j', (names, expected) => {
    expect(ids(names)).toEqual(expected)
  })

  it.each(['', ' ', 'portal ', 'nope', 'portal nope', 'constructor', '__proto__'])('by no %j', (names) => {
    expect(ids(names)).toBeUndefined()
  })
})

describe('a group', () => {
  it.each([
    [{ all: ['protal', 'main'] }, 'groups.all[0]: there is no target "protal" (portal, main): did you mean portal?'],
    [{ portal: ['portal', 'main'] }, 'groups.portal: is the id of a target, too: give the group another name'],
    [{ all: ['portal', 'portal'] }, 'groups.all[1]: portal is named already'],
    [{ all: ['portal'] }, 'groups.all: must have at least 2 entries'],
    [{ help: ['portal', 'main'] }, expect.stringMatching(/^groups\.help: .*"help" is a word of the slash command/) as string],
  ])('is not %j', (groups, message) => {
    expect(errorsOf(aConfigInput({ groups }))).toEqual([message])
  })
})
