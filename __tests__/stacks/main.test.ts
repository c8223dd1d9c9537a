// main.ts as an operator runs it: a process of its own, in an empty folder.

import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { functionNames } from '../../scripts/bundle.ts'
import { assets, config, main as mainSite, portal } from './config.ts'

const main = resolve(import.meta.dirname, '../../main.ts')

const runMain = async (configText: string) => {
  const cwd = mkdtempSync(join(tmpdir(), 'purgeflow-main-'))
  onTestFinished(() => {
    rmSync(cwd, { recursive: true, force: true })
  })
  writeFileSync(join(cwd, 'config.json'), configText)
  return await new Promise<{ cwd: string; code: number; stderr: string }>((done) => {
    const child = execFile(process.execPath, [main], { cwd, env: { ...process.env, PURGEFLOW_CONFIG: 'config.json' } }, (_, __, stderr) => {
      done({ cwd, code: child.exitCode ?? -1, stderr })
    })
  })
}

it('names every error of a config, exits with 1 and synthesizes nothing', async () => {
  const broken = { ...config(), targets: undefined, name: 'Not A Name', homeRegion: 'nowhere', colour: 'blue' }
  const { cwd, code, stderr } = await runMain(JSON.stringify(broken))
  expect(code).toBe(1)
  expect(stderr).toContain('config.json has 4 errors:')
  for (const path of ['name', 'homeRegion', 'targets', 'colour']) expect(stderr).toContain(path)
  expect(stderr).not.toContain('    at ')
  expect(existsSync(join(cwd, 'cdktf.out'))).toBe(false)
})

it('names the file that it cannot read, exits with 1 and synthesizes nothing', async () => {
  const { cwd, code, stderr } = await runMain('{ "name": ')
  expect(code).toBe(1)
  expect(stderr).toMatch(/config\.json has 1 error:\n {2}line 1, column 11: Unexpected end of file/)
  expect(existsSync(join(cwd, 'cdktf.out'))).toBe(false)
})

it('writes a stack named as the deployment, with the bundle of every function', async () => {
  const { cwd, code, stderr } = await runMain(JSON.stringify(config({ targets: [portal(), mainSite(), assets()] })))
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: "Warning: Alarms in us-east-1 tell nobody: name an SNS topic in alarmTopicArns['us-east-1']\n",
  })
  const stackDir = join(cwd, 'cdktf.out/stacks/acme')
  expect(JSON.parse(readFileSync(join(stackDir, 'cdk.tf.json'), 'utf8'))).toMatchObject({
    terraform: { backend: { local: { path: expect.stringMatching(/terraform\.acme\.tfstate$/) as unknown } } },
  })
  const archives = readdirSync(join(stackDir, 'assets'), { recursive: true }).filter((path) => String(path).endsWith('archive.zip'))
  expect(archives).toHaveLength(functionNames().length)
})
