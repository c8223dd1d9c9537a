// The commands of docs/deploy.md, as an operator types them: cdktf synth, deploy, diff and destroy, without a terminal.
// The CLI is 423 MB, so it is no dependency of this project: npx fetches it, here as there.

import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { beforeAll, expect, it } from 'vitest'
import { deployedNames } from './ask-aws.ts'
import { onTestsFinished } from './closing.ts'
import { config, configInput, portal } from './config.ts'
import { createWorkspace, repository, type Workspace } from './terraform.ts'
import { run, type Result } from './tools.ts'
import { startWorld, type World } from './world.ts'

/** The version that docs/deploy.md and the workflow name: a test holds them together. */
const cli = 'cdktf-cli@0.21.0'

let world: World
let workspace: Workspace
let folder: string

const cdktf = async (...args: readonly string[]): Promise<Result> => {
  const started = Date.now()
  const env = { ...workspace.env, CDKTF_DISABLE_PLUGIN_CACHE_ENV: '1', CDKTF_HOME: join(folder, 'home'), PURGEFLOW_CONFIG: 'config.json' }
  const result = await run('npx', ['--yes', cli, ...args], { cwd: folder, env })
  console.log(`cli: ${((Date.now() - started) / 1000).toFixed(0).padStart(3)} s  cdktf ${args.join(' ')}`)
  if (result.code !== 0) throw new Error(`cdktf ${args.join(' ')} ended with ${result.code}:\n${result.stdout}\n${result.stderr}`)
  return { ...result, stdout: stripVTControlCharacters(result.stdout) }
}

beforeAll(async () => {
  const overrides = { targets: [portal()] }
  world = await startWorld(config(overrides))
  onTestsFinished(() => world.close())
  workspace = createWorkspace(world.awsUrl, 'trial')
  onTestsFinished(() => {
    workspace.close()
  })
  folder = mkdtempSync(join(tmpdir(), 'purgeflow-cli-'))
  onTestsFinished(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  // The project's own settings; a folder of its own keeps an operator's cdktf.out and state out of it.
  copyFileSync(join(repository, 'cdktf.json'), join(folder, 'cdktf.json'))
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, scripts: { app: `"${process.execPath}" "${join(repository, 'main.ts')}"` } }),
  )
  writeFileSync(join(folder, 'config.json'), JSON.stringify(configInput(overrides)))
})

it('is the version that the documentation and the workflow name', () => {
  for (const file of ['docs/deploy.md', '.github/workflows/deploy.yml']) {
    const named = readFileSync(join(repository, file), 'utf8').match(/cdktf-cli@[0-9.]+/g) ?? []
    expect({ file, named: [...new Set(named)] }).toEqual({ file, named: [cli] })
  }
})

it('cdktf synth, deploy, diff and destroy work without a terminal', async () => {
  await cdktf('synth')
  expect(existsSync(join(folder, 'cdktf.out/stacks/trial/cdk.tf.json'))).toBe(true)

  const deployed = await cdktf('deploy', '--auto-approve', '--skip-provider-lock')
  expect(deployed.stdout).toMatch(/Apply complete! Resources: \d+ added, 0 changed, 0 destroyed/)
  expect(deployed.stdout).toContain('slack_request_url')
  expect((await deployedNames(world.awsUrl, 'us-east-1', ['trial', 'Trial'])).length).toBeGreaterThan(10)

  const diff = await cdktf('diff', '--skip-provider-lock')
  expect(diff.stdout).toContain('No changes. Your infrastructure matches the configuration.')

  const destroyed = await cdktf('destroy', '--auto-approve', '--skip-provider-lock')
  expect(destroyed.stdout).toMatch(/Destroy complete! Resources: \d+ destroyed/)
  expect(await deployedNames(world.awsUrl, 'us-east-1', ['trial', 'Trial'])).toEqual([])
})
