// README's map of the folders is the tree's.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const [, map = ''] =
  /^## What is where\n([^]*?)\n\n(?!\|)/m.exec(readFileSync(resolve(root, 'README.md'), 'utf8').replace('where\n\n', 'where\n')) ?? []
const named = [...map.matchAll(/^\|(.+?)\|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path))

it('names every folder that is kept, and none that is gone', () => {
  const ignored = readFileSync(resolve(root, '.gitignore'), 'utf8').split('\n')
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['.git', '.ci', '.vscode', '.idea'].includes(entry.name))
    .map(({ name }) => `${name}/`)
    .filter((name) => !ignored.some((line) => [name, `/${name}`, name.slice(0, -1)].includes(line)))
  expect(named).toEqual(expect.arrayContaining(folders))
  expect(named.filter((path) => !existsSync(resolve(root, path)))).toEqual([])
})
