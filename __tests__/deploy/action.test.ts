// The GitHub Action's step against the local run: the real `aws` command line, the real state machine.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { startSystem, type System } from '../../local/system/system.ts'
import { repository } from './terraform.ts'
import { run, type Result } from './tools.ts'

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>
  readonly runs: { readonly steps: readonly { readonly env: Readonly<Record<string, string>>; readonly run: string }[] }
}
const { inputs, runs } = parse(readFileSync(join(repository, 'action.yml'), 'utf8')) as Action
const [step] = runs.steps

/** What the runner makes of the inputs. */
const environment = (given: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(step!.env).map(([name, expression]) => {
      const input = /^\$\{\{ inputs\.([a-z-]+) \}\}$/.exec(expression)![1]!
      return [name, given[input] ?? inputs[input]!.default!]
    }),
  )

let system: System
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'purgeflow-action-'))
  system = await startSystem({ waitScale: 0.2 })
})
afterAll(async () => {
  await system.close()
  rmSync(folder, { recursive: true, force: true })
})

let counter = 0
const purge = async (
  given: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<Result & { outputs: string }> => {
  counter += 1
  const output = join(folder, `output-${counter}`)
  const result = await run('bash', ['-c', step!.run], {
    env: {
      ...process.env,
      ...environment({ target: 'portal', 'state-machine-arn': system.machines.get('us-east-1')!.arn, ...given }),
      AWS_ENDPOINT_URL: system.aws.url,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      GITHUB_ACTION_PATH: repository,
      GITHUB_RUN_ID: String(counter),
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_ACTOR: 'ann',
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: join(folder, 'summary'),
      POLL_SECONDS: '1',
      ...env,
    },
  })
  return { ...result, outputs: readFileSync(output, { encoding: 'utf8', flag: 'a+' }) }
}

describe('the action', () => {
  it('prints the report of a verified purge and succeeds', async () => {
    const { code, stdout, outputs } = await purge({})
    expect(stdout).toContain('TD Portal: caches cleared and verified')
    expect(code).toBe(0)
    expect(outputs).toMatch(/^execution-arn=arn:aws:states:.*:action-portal-1-1-\d+\nverdict=verified\n$/)
  })

  it('starts nothing twice when the same step asks again', async () => {
    const again = { GITHUB_RUN_ID: 'twice' }
    const first = await purge({}, again)
    const before = system.machines.get('us-east-1')!.executions.length
    const second = await purge({}, again)
    expect(system.machines.get('us-east-1')!.executions).toHaveLength(before)
    expect([first.code, second.code]).toEqual([0, 0])
  })

  it('fails with the report of a purge that failed', async () => {
    system.cloudflare.setFault({ mode: 'reject', status: 403, code: 10000, message: 'Authentication error' })
    const { code, stdout, stderr, outputs } = await purge({ require: 'unproven' })
    system.cloudflare.setFault({ mode: 'ok' })
    expect(stdout).toContain('TD Portal: purge incomplete')
    expect(stderr).toContain('The purge is failed, and unproven was required.')
    expect(outputs).toContain('verdict=failed\n')
    expect(code).toBe(1)
  })

  it('lets no text of the report be a workflow command', async () => {
    const { stdout } = await purge({}, { GITHUB_ACTOR: 'x\n::error::forged' })
    const lines = stdout.split('\n')
    const stopped = lines.findIndex((line) => line.startsWith('::stop-commands::'))
    expect(stopped).toBeGreaterThan(-1)
    expect(lines.slice(0, stopped).filter((line) => line.startsWith('::'))).toEqual([])
    expect(lines.lastIndexOf(`::${lines[stopped]!.slice('::stop-commands::'.length)}::`)).toBe(lines.length - 2)
  })

  it.each([
    ['an unknown target', { target: 'portal; id' }, /'portal; id' is not the id of a target/],
    ['no state machine', { 'state-machine-arn': 'purgeflow' }, /terraform output state_machine_arns/],
    ['another requirement', { require: 'maybe' }, /require must be verified or unproven/],
    ['a time that is none', { 'timeout-seconds': 'soon' }, /whole number of seconds/],
  ])('refuses %s before anything starts', async (_name, given, message) => {
    const { code, stderr } = await purge(given)
    expect(stderr).toMatch(message)
    expect(code).toBe(2)
  })
})
