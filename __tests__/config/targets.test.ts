// config/targets.ts belongs to its user: no test loads it, in whatever process.

import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import targets from '../../config/targets.ts'
import { readConfig } from '../../config/read.ts'
import { loadConfig } from '../../config/load.ts'
import ours from '../targets.ts'

const file = pathToFileURL(resolve('config/targets.ts')).href
const inAProcess = (url: string): string =>
  execFileSync(
    process.execPath,
    ['--input-type=module', '--eval', `process.stdout.write(JSON.stringify((await import('${url}')).default))`],
    {
      encoding: 'utf8',
      stdio: 'pipe',
    },
  )

it('is the config of the tests, for who imports it and for who reads it', async () => {
  expect(targets).toBe(ours)
  expect((await readConfig()).config).toEqual(loadConfig(ours))
  expect(JSON.parse(inAProcess(file))).toEqual(ours)
})

it('is a failure for who loads the file itself', async () => {
  // @ts-expect-error TypeScript knows no query
  await expect(import('../../config/targets.ts?itself')).rejects.toThrow('belongs to its user')
  expect(() => inAProcess(`${file}?itself`)).toThrow('belongs to its user')
})
