import { access, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Instance } from '../../../../local/instance/instance.ts'
import { runScript, type Job, type ScriptEnd } from '../../../../local/aws/systems-manager/ssm-agent.ts'
import { eventually, makeSandbox, temporaryFolder } from '../fixtures.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let instance: Instance
beforeEach(async () => {
  folder = await temporaryFolder()
  instance = await makeSandbox(folder.path)
})
afterEach(() => folder.remove())

const run = (lines: readonly string[], overrides: Partial<Job> = {}): Promise<ScriptEnd> =>
  runScript({ instance, commandId: 'c0ffee', lines, parameters: {}, timeoutMs: 20_000, signal: new AbortController().signal, ...overrides })

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('runs all lines as one script and keeps both streams apart', async () => {
  expect(await run(['#!/usr/bin/env bash', 'greeting=hello', 'if true; then', '  echo "$greeting"', 'fi', 'echo why >&2'])).toEqual({
    exitCode: 0,
    stdout: 'hello\n',
    stderr: 'why\n',
    cancelled: false,
  })
})

test('runs bash when the first line says so, and sh otherwise', async () => {
  const line = 'echo "${BASH_VERSION:+bash}"'
  expect((await run(['#!/usr/bin/env bash', line])).stdout).toBe('bash\n')
  expect((await run(['command -v set >/dev/null && echo sh'])).stdout).toBe('sh\n')
})

test.each([0, 1, 3, 168, 169])('reports exit code %i', async (code) => {
  expect(await run([`exit ${code}`])).toMatchObject({ exitCode: code, cancelled: false })
})

test('reports a script that killed itself as 128 and the signal', async () => {
  expect((await run(['#!/usr/bin/env bash', 'kill -TERM $$'])).exitCode).toBe(143)
})

test('takes absolute paths into the sandbox, and shows them as on the instance', async () => {
  const end = await run(
    ['#!/usr/bin/env bash', 'mkdir -p "$SSM_Path"', 'echo x >"$SSM_Path/file"', 'echo "$SSM_Path"', 'echo "$SSM_Word" >&2'],
    { parameters: { Path: '/var/cache/a b', Word: 'no/path' } },
  )
  expect(end).toMatchObject({ exitCode: 0, stdout: '/var/cache/a b\n', stderr: 'no/path\n' })
  expect(await readFile(join(instance.root, 'var/cache/a b/file'), 'utf8')).toBe('x\n')
})

test('hands nothing of its own environment to the script', async () => {
  process.env['PURGEFLOW_SECRET'] = 'leak'
  try {
    const { stdout } = await run(['env'], { parameters: { Word: 'w' } })
    const names = stdout
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0])
    expect(names.filter((name) => !['_', 'OLDPWD', 'PWD', 'SHLVL'].includes(name!)).sort()).toEqual(['HOME', 'PATH', 'SSM_Word', 'TMPDIR'])
    expect(stdout).toContain('HOME=/root\n')
  } finally {
    delete process.env['PURGEFLOW_SECRET']
  }
})

test('finds the programs of the instance before those of this machine', async () => {
  const bin = join(instance.root, 'usr/local/bin')
  await run([`mkdir -p '${bin}'`])
  await writeFile(join(bin, 'nginx'), '#!/bin/sh\necho mine\n', { mode: 0o755 })
  expect((await run(['nginx'])).stdout).toBe('mine\n')
})

test('pastes nothing into the script', async () => {
  const value = '$(touch pwned); `touch pwned`; "\' {{ Word }}'
  expect((await run(['#!/usr/bin/env bash', 'printf %s "$SSM_Word"', 'ls'], { parameters: { Word: value } })).stdout).toBe(
    `${value}_script.sh\n`,
  )
})

test('a time-out kills the whole process group, grandchildren too', async () => {
  const pids = join(folder.path, 'pids')
  const end = await run(
    ['#!/usr/bin/env bash', `bash -c 'sleep 300 & echo $! >>"${pids}"; wait' &`, `echo $$ >>"${pids}"`, 'echo before', 'wait'],
    { timeoutMs: 1500 },
  )
  expect(end).toMatchObject({ exitCode: 137, stdout: 'before\n', cancelled: false })
  const started = (await readFile(pids, 'utf8')).trim().split('\n').map(Number)
  expect(started).toHaveLength(2)
  await eventually(() => Promise.resolve(started.some(isAlive) ? undefined : true))
})

test('a process that left the group does not hold the agent up', async () => {
  const started = Date.now()
  const end = await run(['#!/usr/bin/env bash', 'set -m', `sleep 30 & echo $! >"${folder.path}/pid"`, 'wait'], { timeoutMs: 500 })
  expect(end.exitCode).toBe(137)
  expect(Date.now() - started).toBeLessThan(10_000)
  process.kill(Number(await readFile(join(folder.path, 'pid'), 'utf8')), 'SIGKILL')
})

test('a cancel kills what runs', async () => {
  const cancelling = new AbortController()
  setTimeout(() => {
    cancelling.abort()
  }, 200)
  expect(await run(['sleep 300'], { signal: cancelling.signal })).toMatchObject({ exitCode: 137, cancelled: true })
})

test('a cancel before the start keeps the script from running', async () => {
  const end = await run([`sleep 1; touch '${folder.path}/ran'`], { signal: AbortSignal.abort() })
  expect(end.cancelled).toBe(true)
  await expect(access(join(folder.path, 'ran'))).rejects.toThrow()
})

test('output without end is cut, and does not fill the memory', async () => {
  const end = await run(['yes 0123456789 | head -c 5000000'])
  expect(end.exitCode).toBe(0)
  expect(end.stdout).toHaveLength(100_000)
})

test('leaves no script behind', async () => {
  await run(['true'])
  expect(await readdir(join(instance.root, 'var/lib/amazon/ssm'))).toEqual([])
})
