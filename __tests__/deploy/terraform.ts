// Synthesizes in a folder of its own and runs the real terraform on the result, against whatever AWS it is told.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { devNull, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { ConfigInput } from '../../config/schema.ts'
import { run, runWell, type Result } from './tools.ts'

export const repository = resolve(import.meta.dirname, '../..')
const provider = 'registry.terraform.io/hashicorp/aws/5.100.0'

/** Where this machine keeps the provider, if it does: so the test needs no registry. Searched for, because every machine has it elsewhere. */
const findMirror = (): string | undefined => {
  const named = process.env['PURGEFLOW_PROVIDER_MIRROR']
  if (named !== undefined) return named
  try {
    const found = execFileSync(
      'find',
      [
        '/opt',
        '/usr',
        '/home',
        '/root',
        '/var',
        '-type',
        'd',
        '-path',
        `*${provider}`,
        '-not',
        '-path',
        '*/.terraform/*',
        '-print',
        '-quit',
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    )
    const [first = ''] = found.split('\n')
    return first === '' ? undefined : first.slice(0, -provider.length - 1)
  } catch {
    return undefined
  }
}

/** The environment in which every AWS call of a program goes to this address, with keys that open nothing. */
const environmentFor = (awsUrl: string, cliConfigFile: string): NodeJS.ProcessEnv => {
  const kept = Object.entries(process.env).filter(([name]) => !/^(AWS_|TF_|CDKTF_|PURGEFLOW_)/.test(name))
  return {
    ...Object.fromEntries(kept),
    AWS_ENDPOINT_URL: awsUrl,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    // Version 1 of the aws command line reads this one only.
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_PAGER: '',
    TF_CLI_CONFIG_FILE: cliConfigFile,
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    CHECKPOINT_DISABLE: '1',
    CI: '1',
  }
}

export interface PlannedChange {
  readonly address: string
  readonly type: string
  readonly actions: readonly string[]
  readonly before: Readonly<Record<string, unknown>> | null
  readonly after: Readonly<Record<string, unknown>> | null
}

export interface DeployedResource {
  readonly address: string
  readonly type: string
  readonly values: Readonly<Record<string, unknown>>
}

export interface Workspace {
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  /** Path of the local state file. */
  readonly stateFile: string
  /** Runs main.ts as an operator does. */
  synth(config: ConfigInput): Promise<void>
  init(...args: readonly string[]): Promise<string>
  validate(): Promise<string>
  /** 0: no changes, 2: changes; fails on anything else. */
  plan(): Promise<Result>
  /** What the last plan would change; what it leaves alone is left out. */
  planned(): Promise<PlannedChange[]>
  /** Applies the last plan. */
  apply(): Promise<string>
  output(): Promise<Record<string, unknown>>
  destroy(): Promise<string>
  /** The resources in the state, without data sources, as they were last read back from AWS. */
  resources(): Promise<DeployedResource[]>
  terraform(...args: readonly string[]): Promise<Result>
  close(): void
}

export const createWorkspace = (awsUrl: string, name: string): Workspace => {
  const folder = mkdtempSync(join(tmpdir(), 'purgeflow-deploy-'))
  const cliConfigFile = join(folder, 'terraform.rc')
  const mirror = findMirror()
  writeFileSync(
    cliConfigFile,
    mirror === undefined ? '' : `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
  )
  const env = environmentFor(awsUrl, cliConfigFile)
  const stackFolder = join(folder, 'cdktf.out/stacks', name)
  const terraform = (...args: readonly string[]): Promise<Result> => run('terraform', [...args], { cwd: stackFolder, env })
  const well = (...args: readonly string[]): Promise<string> => runWell('terraform', [...args], { cwd: stackFolder, env })

  return {
    folder,
    env,
    stateFile: join(folder, `terraform.${name}.tfstate`),
    synth: async (config) => {
      writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
      await runWell(process.execPath, [join(repository, 'main.ts')], { cwd: folder, env: { ...env, PURGEFLOW_CONFIG: 'config.json' } })
      if (!existsSync(join(stackFolder, 'cdk.tf.json'))) throw new Error('nothing was synthesized')
    },
    init: (...args) => well('init', '-no-color', ...args),
    validate: () => well('validate', '-no-color'),
    plan: async () => {
      const result = await terraform('plan', '-no-color', '-detailed-exitcode', '-out=plan.bin')
      if (result.code !== 0 && result.code !== 2)
        throw new Error(`terraform plan ended with ${result.code}:\n${result.stdout}\n${result.stderr}`)
      return result
    },
    planned: async () => {
      const plan = JSON.parse(await well('show', '-json', 'plan.bin')) as {
        resource_changes?: { address: string; mode: string; type: string; change: Omit<PlannedChange, 'address' | 'type'> }[]
      }
      return (plan.resource_changes ?? [])
        .filter(({ mode, change }) => mode === 'managed' && change.actions.join() !== 'no-op')
        .map(({ address, type, change: { actions, before, after } }) => ({ address, type, actions, before, after }))
    },
    apply: () => well('apply', '-no-color', '-parallelism=20', 'plan.bin'),
    output: async () => {
      const outputs = JSON.parse(await well('output', '-json')) as Record<string, { value: unknown }>
      return Object.fromEntries(Object.entries(outputs).map(([key, { value }]) => [key, value]))
    },
    destroy: () => well('destroy', '-no-color', '-auto-approve', '-parallelism=20'),
    resources: async () => {
      const state = JSON.parse(await well('show', '-json')) as {
        values?: { root_module: { resources?: (DeployedResource & { mode: string })[] } }
      }
      return (state.values?.root_module.resources ?? []).filter(({ mode }) => mode === 'managed')
    },
    terraform,
    close: () => {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
