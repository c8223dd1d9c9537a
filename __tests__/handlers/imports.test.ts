// Lambda imports a handler before it gives it anything to do: that must need nothing, do nothing and be quick.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundle, functionNames } from '../../scripts/bundle.ts'

// Every way to reach the outside is replaced before the import, and calling one is fatal, even where the caller catches.
const guard = `
  import net from 'node:net'
  import http from 'node:http'
  import https from 'node:https'
  import dns from 'node:dns'
  import fs from 'node:fs'
  import child from 'node:child_process'
  import { syncBuiltinESMExports } from 'node:module'
  const refuse = (name) => () => { process.stderr.write('I/O at import: ' + name + '\\n'); process.exit(3) }
  net.Socket.prototype.connect = refuse('net.connect')
  http.request = refuse('http.request')
  https.request = refuse('https.request')
  dns.lookup = refuse('dns.lookup')
  globalThis.fetch = refuse('fetch')
  for (const name of ['spawn', 'exec', 'execFile', 'fork', 'spawnSync', 'execSync', 'execFileSync']) child[name] = refuse(name)
  const guarded = process.argv.includes('--no-files') ? ['readFileSync', 'readFile', 'openSync', 'open', 'writeFileSync', 'readdirSync'] : []
  // The loader itself reads the module through fs; everything else that is read was asked for by the module.
  const isModule = (path) => String(path).endsWith(process.argv[1].replace('file://', ''))
  const orRefuse = (name, real) => (path, ...rest) => (isModule(path) ? real(path, ...rest) : refuse(name)())
  for (const name of guarded) fs[name] = orRefuse('fs.' + name, fs[name])
  if (guarded.length > 0) fs.promises.readFile = orRefuse('fs.promises.readFile', fs.promises.readFile)
  syncBuiltinESMExports()
  const before = Object.keys(process.env)
  const module = await import(process.argv[1])
  if (typeof module.handler !== 'function') throw new Error('it exports no handler')
  process.stdout.write(JSON.stringify({ environment: before, timers: process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap' && name !== 'TTYWrap') }))
`

const importIn = (file: string, ...flags: string[]): { environment: string[]; timers: string[] } =>
  JSON.parse(
    execFileSync(
      'env',
      [
        '-i',
        process.execPath,
        process.env['NODE_OPTIONS'] ?? '',
        '--input-type=module',
        '--eval',
        guard,
        pathToFileURL(file).href,
        ...flags,
      ],
      {
        encoding: 'utf8',
        timeout: 30_000,
        stdio: 'pipe',
      },
    ),
  ) as { environment: string[]; timers: string[] }

let outDir: string
beforeAll(async () => {
  outDir = mkdtempSync(join(tmpdir(), 'purgeflow-bundles-'))
  await bundle({ outDir })
})
afterAll(() => {
  rmSync(outDir, { recursive: true, force: true })
})

describe('the functions', () => {
  it('include the five of the main path', () => {
    expect(functionNames()).toEqual(
      expect.arrayContaining(['confirm-command', 'notify-slack', 'plan-purge', 'purge-cloudflare', 'slack-command']),
    )
  })

  it.each(functionNames())('%s is imported from its source with an empty environment, without I/O', (name) => {
    expect(importIn(resolve(`handlers/${name}/handler.ts`))).toEqual({ environment: [], timers: [] })
  })

  it.each(functionNames())('%s is imported from its bundle with an empty environment, without I/O and without reading a file', (name) => {
    expect(importIn(join(outDir, name, 'index.mjs'), '--no-files')).toEqual({ environment: [], timers: [] })
  })

  // The AWS clients are most of it. A cold start reads and compiles all of it: 600 kB cost some 60 ms at 256 MB of memory,
  // and a bundle that holds a second copy of a client, or cdktf, is larger at once.
  it.each(functionNames())('%s has a bundle of less than 600 kB', (name) => {
    expect(statSync(join(outDir, name, 'index.mjs')).size).toBeLessThan(600_000)
  })

  it.each(functionNames())('%s holds nothing of cdktf, of the tests or of the local run', (name) => {
    expect(/cdktf|fast-check|the server has no port/.exec(readFileSync(join(outDir, name, 'index.mjs'), 'utf8'))?.[0]).toBeUndefined()
  })

  it.each(functionNames())('%s keeps the names of its errors, which the state machine matches', (name) => {
    const source = readFileSync(join(outDir, name, 'index.mjs'), 'utf8')
    const thrown =
      {
        'plan-purge': ['InvalidRequest'],
        'confirm-command': ['InvocationsPending', 'LayerFailed'],
        'purge-cloudflare': ['EdgeRejected', 'EdgeUnavailable'],
        'notify-slack': ['SlackUnavailable', 'SlackRejected'],
      }[name] ?? []
    expect(thrown.filter((error) => !new RegExp(`name=["'\`]${error}["'\`]`).test(source))).toEqual([])
  })
})

describe('the guard of these tests', () => {
  it.each([
    ["await fetch('http://127.0.0.1:9')", /fetch/],
    ["import net from 'node:net'; net.connect(9)", /net\.connect/],
    ["import { readFileSync } from 'node:fs'; readFileSync('/etc/hostname')", /fs\.readFileSync/],
  ])('catches %s', (code, expected) => {
    const file = join(outDir, `bad-${code.length}.mjs`)
    execFileSync('sh', ['-c', 'cat > "$0"', file], { input: `${code}\nexport const handler = () => {}` })
    expect(() => importIn(file, '--no-files')).toThrow(expected)
  })
})
