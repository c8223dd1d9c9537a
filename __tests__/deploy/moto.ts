// Starts moto, the AWS in which the deployment is tried out, and ends it in every case.

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { run } from './tools.ts'

export interface Moto {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  close(): void
}

const installation = "moto is not installed: python3 -m pip install 'moto[server,stepfunctions]==5.2.1'"

/** The interpreter of a moto_server on the PATH, where that is a Python script of its own (pipx, a virtual environment). */
const interpreterOfShim = (): string[] =>
  (process.env['PATH'] ?? '').split(delimiter).flatMap((directory) => {
    try {
      const [first = ''] = readFileSync(join(directory, 'moto_server'), 'utf8').split('\n')
      return /^#!(\/.*python[0-9.]*)$/.exec(first)?.slice(1) ?? []
    } catch {
      return []
    }
  })

const findInterpreter = async (): Promise<string> => {
  for (const python of ['python3', 'python', ...interpreterOfShim()]) {
    const { code } = await run(python, ['-c', 'import moto.server, moto.stepfunctions.parser.models']).catch(() => ({ code: -1 }))
    if (code === 0) return python
  }
  throw new Error(installation)
}

/** @param enginePort where the engine finds Lambda and Systems Manager */
export const startMoto = async (enginePort: string): Promise<Moto> => {
  const python = await findInterpreter()
  const child = spawn(python, [resolve(import.meta.dirname, 'launch_moto.py')], {
    env: { ...process.env, MOTO_PORT: enginePort },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const end = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
  process.on('exit', end)
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000)
  })
  const port = await new Promise<string>((found, failed) => {
    createInterface({ input: child.stdout }).once('line', found)
    child.once('error', failed)
    child.once('close', (code) => {
      failed(new Error(`moto ended with ${String(code)} before it listened:\n${said}`))
    })
  })
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      process.off('exit', end)
      end()
    },
  }
}
