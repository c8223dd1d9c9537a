// Runs the programs that a deployment needs. One that is missing fails the test and says what to install: nothing is skipped.

import { spawn } from 'node:child_process'

const howToInstall: Readonly<Record<string, string>> = {
  terraform: 'install Terraform 1.10 or later: https://developer.hashicorp.com/terraform/install',
  aws: 'install the AWS command line: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html',
  python3: "install Python 3 and then moto: python3 -m pip install 'moto[server,stepfunctions]==5.2.1'",
  npx: 'install Node.js with npm: https://nodejs.org',
}

export interface Result {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly timeoutMs?: number
}

/** Resolves however the program ends. Nobody answers its questions. */
export const run = (
  program: string,
  args: readonly string[],
  { cwd, env = process.env, timeoutMs = 240_000 }: RunOptions = {},
): Promise<Result> =>
  new Promise((resolve, reject) => {
    // A process group of its own: terraform starts providers, npx starts node.
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    const endAll = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // All have ended by themselves.
      }
    }
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const timer = setTimeout(() => {
      stderr += `\n${program} did not end within ${timeoutMs / 1000} s and was stopped`
      endAll()
    }, timeoutMs)
    process.on('exit', endAll)
    const settle = (): void => {
      clearTimeout(timer)
      process.off('exit', endAll)
    }
    child.on('error', (error) => {
      settle()
      const missing = 'code' in error && error.code === 'ENOENT'
      reject(missing ? new Error(`${program} is not on the PATH: ${howToInstall[program] ?? 'install it'}`) : error)
    })
    child.on('close', (code) => {
      settle()
      resolve({ code: code ?? -1, stdout, stderr })
    })
  })

/** @throws with everything that the program printed, unless it ends with 0 */
export const runWell = async (program: string, args: readonly string[], options?: RunOptions): Promise<string> => {
  const { code, stdout, stderr } = await run(program, args, options)
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`)
  return stdout
}
