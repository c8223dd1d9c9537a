// Factories for the tests of the local AWS: small documents, instances in a temporary folder, real SDK clients.

import { mkdtemp, mkdir, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SFNClient } from '@aws-sdk/client-sfn'
import { SSMClient } from '@aws-sdk/client-ssm'
import type { Aws } from '../../../local/aws/start-aws.ts'
import type { Instance } from '../../../local/instance/instance.ts'
import type { ScriptEnd } from '../../../local/aws/systems-manager/ssm-agent.ts'
import type { CommandDocument } from '../../../ssm/schema.ts'

export const region = 'us-east-1'

export const temporaryFolder = async (): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> => {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'purgeflow-test-')))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** @param script lines of a bash script; `$SSM_Path` and `$SSM_Word` hold the parameters */
export const makeDocument = (script: readonly string[] = ['true'], timeoutSeconds = 30): CommandDocument => ({
  schemaVersion: '2.2',
  description: 'a test',
  parameters: {
    Path: {
      type: 'String',
      interpolationType: 'ENV_VAR',
      description: 'a path',
      allowedPattern: '^/[a-z/]+$',
      maxChars: 20,
      default: '/var/cache',
    },
    Word: {
      type: 'String',
      interpolationType: 'ENV_VAR',
      description: 'a word',
      allowedPattern: '^[a-z]+$',
      maxChars: 5,
      default: 'plain',
    },
  },
  mainSteps: [
    {
      action: 'aws:runShellScript',
      name: 'runTest',
      precondition: { StringEquals: ['platformType', 'Linux'] },
      inputs: { timeoutSeconds, runCommand: ['#!/usr/bin/env bash', 'set -eu', ...script] },
    },
  ],
})

export const instanceIds = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `i-${index.toString(16).padStart(17, '0')}`)

/** An instance that no script runs on: for tests with a runner of their own. */
export const makeInstance = (overrides: Partial<Instance> = {}): Instance => ({
  instanceId: 'i-00000000000000000',
  region,
  tags: {},
  root: '/nonexistent',
  state: 'online',
  ...overrides,
})

export const makeSandbox = async (folder: string, overrides: Partial<Instance> = {}): Promise<Instance> => {
  const instance = makeInstance({ root: join(folder, overrides.instanceId ?? 'i-00000000000000000'), ...overrides })
  await mkdir(instance.root, { recursive: true })
  return instance
}

export const scriptEnd = (overrides: Partial<ScriptEnd> = {}): ScriptEnd => ({
  exitCode: 0,
  stdout: '',
  stderr: '',
  cancelled: false,
  ...overrides,
})

const settings = (aws: Aws, at: string) => ({
  region: at,
  endpoint: aws.url,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
})
export const ssmClient = (aws: Aws, at = region): SSMClient => new SSMClient(settings(aws, at))
export const sfnClient = (aws: Aws, at = region): SFNClient => new SFNClient(settings(aws, at))

/** Asks again until the answer is there. Throws rather than hanging. */
export const eventually = async <T>(request: () => Promise<T | undefined>): Promise<T> => {
  for (const started = Date.now(); Date.now() - started < 20_000; ) {
    const found = await request()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('it did not happen within 20 s')
}
