// Emulates SSM Agent on one sandbox instance: runs a document's script as one file, as the real agent does, and reports how it ended.

import { spawn } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Instance } from '../../instance/instance.ts'

export interface Job {
  readonly instance: Instance
  readonly commandId: string
  /** The document's runCommand. */
  readonly lines: readonly string[]
  readonly parameters: Readonly<Record<string, string>>
  readonly timeoutMs: number
  /** Fires when the command is cancelled. */
  readonly signal: AbortSignal
}

export interface ScriptEnd {
  /** 137 when the agent killed the script. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  /** The kill was a cancel, not a time-out. */
  readonly cancelled: boolean
}

/** Runs a script to its end. Rejects only when it cannot even be started. */
export type RunScript = (job: Job) => Promise<ScriptEnd>

/** More than SSM ever shows, and a bound on a script that never stops printing. */
const keptCharacters = 100_000

const collect = (stream: Readable): (() => string) => {
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    if (text.length < keptCharacters) text = (text + chunk).slice(0, keptCharacters)
  })
  return () => text
}

// The folder serves as the root directory without chroot, which needs root: absolute paths are moved into it.
const environmentFor = ({ instance: { root }, parameters }: Job): Record<string, string> => ({
  PATH: [
    ...['usr/local/bin', 'usr/sbin', 'usr/bin'].map((directory) => join(root, directory)),
    process.env['PATH'] ?? '/usr/bin:/bin',
  ].join(':'),
  HOME: join(root, 'root'),
  TMPDIR: join(root, 'tmp'),
  ...Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      `SSM_${name}`,
      value.startsWith('/')
        ? value
            .split('|')
            .map((path) => root + path)
            .join('|')
        : value,
    ]),
  ),
})

const exitCodeOf = (code: number | null, signal: NodeJS.Signals | null): number => code ?? 128 + (signal ? constants.signals[signal] : 0)

const execute = (job: Job, directory: string, file: string): Promise<ScriptEnd> =>
  new Promise((resolve, reject) => {
    // As the agent starts it: sh, so that the script's first line chooses the shell. Detached makes it the leader of a process group.
    const child = spawn('/bin/sh', ['-c', '"$0"', file], {
      cwd: directory,
      env: environmentFor(job),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const stdout = collect(child.stdout)
    const stderr = collect(child.stderr)
    let killed: 'time-out' | 'cancel' | undefined
    const kill = (why: 'time-out' | 'cancel'): void => {
      if (killed || child.pid === undefined) return
      killed = why
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It has just ended by itself.
      }
      // A process that left the group may hold the pipes open for ever.
      child.stdout.destroy()
      child.stderr.destroy()
    }
    const timer = setTimeout(kill, job.timeoutMs, 'time-out')
    const onCancel = (): void => {
      kill('cancel')
    }
    job.signal.addEventListener('abort', onCancel)
    if (job.signal.aborted) onCancel()
    const settle = (): void => {
      clearTimeout(timer)
      job.signal.removeEventListener('abort', onCancel)
    }
    child.on('error', (error) => {
      settle()
      reject(error)
    })
    child.on('close', (code, signal) => {
      settle()
      // What a script says about a path is to read as on the instance.
      const onInstance = (text: string): string => text.replaceAll(job.instance.root, '')
      resolve({
        exitCode: killed ? 137 : exitCodeOf(code, signal),
        stdout: onInstance(stdout()),
        stderr: onInstance(stderr()),
        cancelled: killed === 'cancel',
      })
    })
  })

export const runScript: RunScript = async (job) => {
  const directory = join(job.instance.root, 'var/lib/amazon/ssm', job.commandId)
  const file = join(directory, '_script.sh')
  await mkdir(directory, { recursive: true })
  await Promise.all(['root', 'tmp'].map((name) => mkdir(join(job.instance.root, name), { recursive: true })))
  await writeFile(file, job.lines.join('\n') + '\n', { mode: 0o700 })
  try {
    return await execute(job, directory, file)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
