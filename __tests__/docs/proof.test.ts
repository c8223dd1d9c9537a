// docs/proof.md promises a test for each way in which a purge "succeeds": the table and the tests stay in step.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const files = ['__tests__/local/system/purges-that-succeed.test.ts', '__tests__/nginx/whole-run.test.ts']

/** Staged, the naive script, ours, shown by. */
const rows = read('docs/proof.md')
  .split('\n')
  .filter((line) => /^\| \d+ \|/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(2, -1)
      .map((cell) => cell.trim()),
  )
const staged = files.flatMap((file) => [...read(file).matchAll(/^ +name: '([^']+)',$/gm)].map(([, name]) => `${file}: *${name ?? ''}*`))

it('every row of the table has its test, and every staged purge its row', () => {
  expect(rows.length).toBeGreaterThanOrEqual(10)
  expect(rows.map((row) => row[3]).sort()).toEqual(staged.sort())
})

it('the naive script calls every row a success, and ours none that leaves the old copy', () => {
  expect(new Set(rows.map((row) => row[1]))).toEqual(new Set(['success']))
  expect(
    rows.map((row) => row[2]?.split(':')[0]).filter((verdict) => !['stale', 'failed', 'verified, new copy'].includes(verdict ?? '')),
  ).toEqual([])
})
