import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aConfig, aConfigInput } from '../config/a-config.ts'

const run = (...given: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [resolve('scripts/config.ts'), ...given], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

let folder = ''
const file = (content: unknown): string => {
  const path = join(folder, 'config.json')
  writeFileSync(path, JSON.stringify(content))
  return path
}
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'purgeflow-config-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('npm run config', () => {
  it('says which targets a good config has', () => {
    expect(run('--config', file({ $schema: './purgeflow.schema.json', ...aConfigInput() }))).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/config\.json is in order: portal, main\n$/) as unknown,
    })
  })

  it('prints the config with its defaults, which is a config again', () => {
    const printed = JSON.parse(run('--print', '--config', file(aConfigInput())).stdout) as unknown
    expect(printed).toEqual(JSON.parse(JSON.stringify(aConfig())))
    expect(run('--config', file(printed)).status).toBe(0)
  })

  it('prints a JSON schema with every key that an operator may write', () => {
    const { properties } = JSON.parse(run('--schema').stdout) as { properties: object }
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(['$schema', ...Object.keys(aConfig())]))
  })

  it('prints mistakes without a stack trace and ends with 1', () => {
    const { status, stdout, stderr } = run('--config', file({ ...aConfigInput(), nme: 'acme' }))
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/has 1 error:\n {2}nme: is not known here: did you mean name\?\n$/)
  })

  it('answers a flag that does not exist with its usage and 2', () => {
    const { status, stderr } = run('--pritn')
    expect(status).toBe(2)
    expect(stderr).toMatch(/^Unknown option '--pritn'\.\n\nnpm run --silent config/)
  })
})
