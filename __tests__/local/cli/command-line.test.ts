// The commands that people type, as child processes. They mostly wait, so they run side by side.

import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../../../config/load.ts'
import shipped from '../../targets.ts'
import { signedSlashCommand, slashCommandForm } from '../../../local/slack/client.ts'

const run = promisify(execFile)

interface Addresses {
  readonly slackUrl: string
  readonly awsUrl: string
  readonly stateMachineArn: string
  readonly signingSecret: string
  readonly channelId: string
  readonly slackMessagesUrl: string
  readonly cloudflareRequestsUrl: string
  readonly cloudflareFaultUrl: string
  readonly slackFaultUrl: string
  readonly instancesDir: string
}

/** With SIGTERM, so that it removes its sandboxes. */
const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

const startLocal = async (...options: string[]): Promise<{ child: ChildProcess; addresses: Addresses }> => {
  const child = spawn(process.execPath, ['local/cli/main.ts', '--json', '--port', '0', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { child, addresses: JSON.parse(line) as Addresses }
}

const getJson = async (url: string): Promise<unknown[]> => (await fetch(url)).json() as Promise<unknown[]>

const eventually = async (check: () => Promise<boolean>): Promise<void> => {
  for (let tries = 0; !(await check()); tries += 1) {
    if (tries > 600) throw new Error('it did not happen within a minute')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** For the tests that leave it as it is. */
let shared: Awaited<ReturnType<typeof startLocal>>
beforeAll(async () => {
  shared = await startLocal()
})
afterAll(() => end(shared.child))

describe.concurrent('npm run local -- --json', () => {
  it('prints where everything is, serves a purge, and ends cleanly on Ctrl-C', async ({ onTestFinished }) => {
    const { child, addresses } = await startLocal()
    onTestFinished(() => end(child))
    expect(Object.values(addresses).every(Boolean)).toBe(true)
    const { slackUrl, signingSecret, channelId } = addresses
    expect(
      await signedSlashCommand({ url: slackUrl, signingSecret, form: slashCommandForm({ text: 'portal', channel_id: channelId }) }),
    ).toMatchObject({ status: 200 })
    await eventually(async () => (await getJson(addresses.slackMessagesUrl)).length === 1)
    expect(await getJson(addresses.cloudflareRequestsUrl)).toHaveLength(1)
    expect(existsSync(addresses.instancesDir)).toBe(true)

    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(existsSync(addresses.instancesDir)).toBe(false)
    await expect(fetch(addresses.awsUrl)).rejects.toThrow('fetch failed')
  })

  it('ends on SIGHUP, as when its terminal is closed, and removes its folder', async ({ onTestFinished }) => {
    const { child, addresses } = await startLocal()
    onTestFinished(() => end(child))
    child.kill('SIGHUP')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(existsSync(addresses.instancesDir)).toBe(false)
  })

  it('prints one line through a silent npm, and ends with it', async ({ onTestFinished }) => {
    const npm = spawn('npm', ['run', '--silent', 'local', '--', '--json', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => {
      npm.kill('SIGKILL')
    })
    const lines: string[] = []
    const reader = createInterface(npm.stdout).on('line', (line) => lines.push(line))
    await eventually(() => Promise.resolve(lines.length > 0))
    const { instancesDir } = JSON.parse(lines[0]!) as Addresses
    const closed = once(reader, 'close')
    expect(existsSync(instancesDir)).toBe(true)
    npm.kill('SIGKILL')
    await closed
    expect(lines).toHaveLength(1)
    await eventually(() => Promise.resolve(!existsSync(instancesDir)))
  })

  it('can be told over HTTP to inject a fault', async () => {
    const { addresses } = shared
    for (const url of [addresses.cloudflareFaultUrl, addresses.slackFaultUrl]) {
      const response = await fetch(url, { method: 'POST', body: '{"mode": "hang", "times": 2}' })
      expect(await response.json()).toEqual({ mode: 'hang', times: 2 })
      expect((await fetch(url, { method: 'POST', body: '{"mode": "sulk"}' })).status).toBe(400)
      await fetch(url, { method: 'POST', body: '{"mode": "ok"}' })
    }
  })

  it('runs another config', async ({ onTestFinished }) => {
    const directory = await mkdtemp(join(tmpdir(), 'purgeflow-config-'))
    try {
      const file = join(directory, 'other.json')
      const config = loadConfig(shipped)
      await writeFile(
        file,
        JSON.stringify({ ...config, name: 'other', targets: [{ ...config.targets[0], id: 'shop', region: 'eu-west-1' }] }),
      )
      const { child, addresses } = await startLocal('--config', file)
      onTestFinished(() => end(child))
      expect(addresses.stateMachineArn).toBe('arn:aws:states:eu-west-1:000000000000:stateMachine:other-purge')
      const answer = await signedSlashCommand({
        url: addresses.slackUrl,
        signingSecret: addresses.signingSecret,
        form: slashCommandForm({ text: 'help' }),
      })
      expect(answer.body).toContain('`shop`')
      expect(answer.body).not.toContain('`portal`')
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  it.each([
    [['--port', 'many'], 2, '--port N'],
    [['--config', 'missing.ts'], 1, 'missing.ts cannot be read'],
  ])('with %j says what is wrong', async (options, code, words) => {
    await expect(run(process.execPath, ['local/cli/main.ts', ...options])).rejects.toMatchObject({
      code,
      stderr: expect.stringContaining(words) as string,
    })
  })
})

describe.concurrent('npm run slash', () => {
  it('sends a signed command and shows the answer', async () => {
    const { addresses } = shared
    const { stdout } = await run(process.execPath, ['local/cli/slash.ts', 'nope', '--port', new URL(addresses.slackUrl).port])
    expect(stdout).toMatch(/^\(only you see this\) I know no target called "nope"/)
  })

  it('says how to start what it needs', async () => {
    await expect(run(process.execPath, ['local/cli/slash.ts', 'portal', '--port', '1'])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('npm run local') as string,
    })
  })
})

describe.concurrent('npm run demo', () => {
  it('shows both purges, one that fails, and what the README shows of them', async () => {
    const { stdout } = await run(process.execPath, ['local/cli/demo.ts'])
    const readme = await readFile('README.md', 'utf8')
    const sample = /^```\n(> \/clear-cache portal[^]*?)^```/m.exec(readme)?.[1] ?? ''
    // Times, sizes and names are of one run; counts, words and order are of every run.
    const timeless = (text: string): string[] =>
      text
        .replace(/ *\d+\.\d+ (s|B|[kM]B)\b/g, ' N $1')
        .replace(/\b[0-9a-f]{32}\b/g, 'ID')
        .split('\n')
    const printed = timeless(stdout)
    let next = 0
    for (const line of timeless(sample).filter((text) => text !== '' && text !== '…')) {
      const found = printed.indexOf(line, next)
      expect({ line, found: found >= next }).toEqual({ line, found: true })
      next = found + 1
    }
    expect(next).toBeGreaterThan(20)
    expect(stdout).toMatch(
      /> \/clear-cache portal[^]*TD Portal: caches cleared[^]*> \/clear-cache main[^]*TD Main Site: caches cleared[^]*Everything that was to be purged is gone/,
    )
  })
})
