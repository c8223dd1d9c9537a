// docs/adr/README.md lists every decision, by the number, title and status that its file has.

import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const folder = resolve(import.meta.dirname, '../../docs/adr')
const files = readdirSync(folder).filter((name) => name !== 'README.md')

const rowOf = (file: string): string => {
  const [, number = '', title, status] =
    /^# (\d+)\. (.+)\n\n\*\*Status\.\*\* (Accepted|Superseded by \[\d+\]\(\S+\))\.\n/.exec(readFileSync(join(folder, file), 'utf8')) ?? []
  expect(file).toMatch(new RegExp(`^${number.padStart(4, '0')}-[a-z0-9-]+\\.md$`))
  return `| [${number}](${file}) | ${title} | ${status} |`
}

it('the index is what the files say', () => {
  const rows = readFileSync(join(folder, 'README.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ['))
  expect(rows).toEqual(files.sort().map(rowOf))
  expect(rows.length).toBeGreaterThan(8)
})
