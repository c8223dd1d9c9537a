/** A temporary directory that plays an instance: its cache and site, its programs, and the real rendered scripts. */
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { renderScript } from '../../ssm/render.ts'

/**
 * A master process with one worker, which it replaces when it is told to reload, unless the file `refuses` is there.
 * The first argument is the file of calls, the second that file.
 */
const master = `
worker() { (while sleep 0.5 && kill -0 "$$" "$PPID"; do :; done 2>/dev/null) & worker=$!; }
trap 'echo HUP >>"$1"; [ -e "$2" ] || { old=$worker; worker; kill "$old"; }' HUP
trap 'kill "$worker"; exit' TERM
worker
: >"$3"
while :; do wait "$worker"; done`

/** All that the scripts need. Nothing else is on PATH, so a real wp or nginx of this machine cannot be reached. */
const tools = 'awk bash cat cut date env find grep head id mktemp ps readlink rm sed sleep sort stat tail timeout tr wc du'.split(' ')
const toolPaths = new Map(tools.map((tool) => [tool, execFileSync('bash', ['-c', `type -P ${tool}`], { encoding: 'utf8' }).trim()]))

export interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** The last stdout line, parsed. */
  readonly result: unknown
}

export function createInstance() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'purgeflow-test-')))
  const running = new Set<number>()
  onTestFinished(() => {
    for (const group of running) killGroup(group)
    rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  })
  const bin = join(root, 'bin')
  const callsFile = join(root, 'calls')
  mkdirSync(bin)
  for (const [tool, path] of toolPaths) symlinkSync(path, join(bin, tool))

  const write = (path: string, text = 'x') => {
    const file = join(root, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    return file
  }

  /** Puts a program on PATH. It records its name and arguments as one line, then runs `body` (bash). */
  const stub = (name: string, body = 'exit 0') => {
    const file = join(bin, name)
    rmSync(file, { force: true })
    const record = `{ printf '%s' '${name}'; printf '|%s' "$@"; printf '\\n'; } >>'${callsFile}'`
    writeFileSync(file, `#!${toolPaths.get('bash') ?? ''}\n${record}\n${body}\n`)
    chmodSync(file, 0o755)
  }

  return {
    root,
    site: join(root, 'srv/site'),
    cache: join(root, 'srv/site/wp-content/cache/wp-rocket'),
    pidFile: join(root, 'run/nginx.pid'),
    path: (...parts: string[]) => join(root, ...parts),
    exists: (path: string) => existsSync(join(root, path)),
    write,
    directory: (path: string) => {
      mkdirSync(join(root, path), { recursive: true })
      return join(root, path)
    },
    stub,
    /** Puts nginx on PATH, as with `stub`, and has it run: a process that is titled as nginx titles itself, and the pid file. */
    startNginx: async (body = 'exit 0') => {
      stub('nginx', `# knows fastcgi_cache_path\n${body}`)
      const ready = join(root, 'nginx-runs')
      const child = spawn('bash', ['-c', master, 'bash', callsFile, join(root, 'refuses'), ready], {
        argv0: `nginx: master process ${join(bin, 'nginx')}`,
        stdio: 'ignore',
      })
      onTestFinished(() => void child.kill('SIGTERM'))
      while (!existsSync(ready)) await sleep(5)
      write('run/nginx.pid', `${child.pid ?? ''}\n`)
    },
    toolPath: (tool: string) => toolPaths.get(tool) ?? '',
    calls: () => (existsSync(callsFile) ? readFileSync(callsFile, 'utf8').trimEnd().split('\n') : []),
    /** nginx does not run on most of these instances, so it is not asked unless a test says otherwise. */
    run: (id: string, parameters: Record<string, string>) =>
      runScript(root, running, renderScript(id), {
        TrustDirectory: 'yes',
        Module: 'fastcgi',
        WpPath: parameters['SitePath'] ?? '-',
        WpUrl: '-',
        ...parameters,
      }),
    /** With these parameters alone. */
    runWith: (id: string, parameters: Record<string, string>) => runScript(root, running, renderScript(id), parameters),
  }
}

export type Instance = ReturnType<typeof createInstance>

const killGroup = (group: number): void => {
  try {
    process.kill(-group, 'SIGKILL')
  } catch (error) {
    // Nobody is left in it.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** @param running has the script's process group for as long as it runs */
function runScript(root: string, running: Set<number>, script: string, parameters: Record<string, string>): Promise<Run> {
  const file = join(root, '_script.sh')
  writeFileSync(file, script, { mode: 0o755 })
  mkdirSync(join(root, 'tmp'), { recursive: true })
  const environment = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`SSM_${name}`, value]))
  return new Promise((resolve, reject) => {
    // As the agent does it: sh -c with the file's name, so the script's own first line chooses bash.
    const child = spawn('/bin/sh', ['-c', file], {
      cwd: root,
      // The leader of a process group: sh, the script and what it runs are killed together.
      detached: true,
      env: { PATH: join(root, 'bin'), TMPDIR: join(root, 'tmp'), HOME: root, AWS_SECRET_ACCESS_KEY: 'hunter2', ...environment },
    })
    const stop = (): void => {
      if (child.pid !== undefined) killGroup(child.pid)
    }
    if (child.pid !== undefined) running.add(child.pid)
    // A script that hangs must not outlive its test.
    const timer = setTimeout(stop, 50_000)
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      // What it left in the background would write into a folder that is being removed.
      stop()
      if (child.pid !== undefined) running.delete(child.pid)
      resolve({ code, stdout, stderr, result: code === 0 ? JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') : undefined })
    })
  })
}

/** What a failed run looks like: exit code 1 and no result line. */
export const failure = { code: 1, stdout: '' }

/** The user who runs the tests: running wp as that user needs no runuser. */
export const me = execFileSync('id', ['-un'], { encoding: 'utf8' }).trim()
