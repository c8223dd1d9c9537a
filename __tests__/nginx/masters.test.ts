// Which nginx is asked, told to reload and waited for: the one of the pid file, whatever it is called, however it was started and
// wherever it runs.

import { appendFileSync, chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { judgeOrigin } from '../../handlers/probe-edge/freshness.ts'
import { ScriptResult } from '../../statemachines/data/outcome.ts'
import { startNginx, type Nginx } from './real-nginx.ts'

/** A copy under another name, whose processes have other titles: `webd0: chief of webds /tmp/...`. */
const renamed = (binary: string, root: string): string => {
  const text = readFileSync(binary, 'latin1')
  const patched = text
    .replaceAll('nginx: \0', 'webd0: \0')
    .replaceAll('worker process', 'wrkr0: process')
    .replaceAll('master process', 'chief of webds')
  expect(patched).not.toBe(text)
  const program = join(root, 'bin/webd')
  writeFileSync(program, patched, 'latin1')
  chmodSync(program, 0o755)
  return program
}

const titles = (nginx: Nginx): string => readFileSync(`/proc/${readFileSync(nginx.pidFile, 'utf8').trim()}/cmdline`, 'utf8')

/** A request that PHP has not answered yet when the purge begins, and that is answered with the old copy. */
const withRequestInFlight = async (nginx: Nginx) => {
  nginx.backend.delayMs = 1500
  const late = nginx.get('/late')
  await sleep(300)
  nginx.backend.text = 'the new copy'
  nginx.backend.delayMs = 0
  const result = ScriptResult.parse(await nginx.purge())
  expect((await late).body).toBe('the old copy')
  return result
}

describe('an nginx that is titled otherwise', () => {
  it('is asked, reloaded and waited for', async () => {
    const nginx = await startNginx({ program: renamed })
    expect(titles(nginx)).toMatch(/^webd0: chief of webds /)
    expect(await nginx.inspect()).toMatchObject({ running: 'yes', config: 'valid', known: true })
    expect(await withRequestInFlight(nginx)).toMatchObject({ inFlight: 0, detail: expect.stringContaining('nginx reloaded.') as string })
    expect((await nginx.get('/late')).body).toBe('the new copy')
    expect(existsSync(join(nginx.root, 'asked-the-wrong-one'))).toBe(false)
  })
})

describe('an nginx that is not the one on the PATH', () => {
  it('is asked with its own -c and -p', async () => {
    const nginx = await startNginx()
    await nginx.get()
    expect(await nginx.purge()).toMatchObject({ action: 'deleted', files: 1, inFlight: 0 })
    expect(existsSync(join(nginx.root, 'asked-the-wrong-one'))).toBe(false)
  })

  it('is asked also where a package has put another file in its place', async () => {
    const nginx = await startNginx({
      program: (binary, root) => {
        const program = join(root, 'bin/mine')
        writeFileSync(program, readFileSync(binary), { mode: 0o755 })
        return program
      },
    })
    writeFileSync(join(nginx.root, 'bin/next'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    renameSync(join(nginx.root, 'bin/next'), join(nginx.root, 'bin/mine'))
    await nginx.get()
    expect(await nginx.purge()).toMatchObject({ action: 'deleted', files: 1 })
  })
})

describe('an nginx that refuses what nginx -t accepts', () => {
  it('is told from one that reloaded: its reason is quoted, and nothing is deleted', async () => {
    const nginx = await startNginx()
    await nginx.get()
    const conf = readFileSync(nginx.conf, 'utf8')
    appendFileSync(join(nginx.root, 'logs/error.log'), '2026/01/01 00:00:00 [emerg] 1#1: of long ago\n')
    mkdirSync(join(nginx.root, 'cache/moved'))
    writeFileSync(nginx.conf, conf.replace('/cache/other', '/cache/moved'))
    const purge = nginx.purge()
    await expect(purge).rejects.toThrow(/\[emerg\].*cache "other" uses the ".*moved" cache path while previously it used/)
    await expect(purge).rejects.toThrow(
      'nginx did not reload its configuration, its reason is above or in its error log; nothing was deleted',
    )
    await expect(purge).rejects.not.toThrow('of long ago')
    expect((await nginx.get()).cache).toBe('HIT')
  })
})

describe('an nginx without workers that can be seen', () => {
  it('is never verified', async () => {
    const nginx = await startNginx({ main: 'master_process off;' })
    await nginx.get()
    nginx.backend.text = 'the new copy'
    const purged = ScriptResult.parse(await nginx.purge())
    expect(purged).toMatchObject({
      action: 'deleted',
      inFlight: 'unknown',
      detail: expect.stringContaining('no workers that can be seen, so it was not reloaded') as string,
    })
    const probed = await nginx.probe()
    const judged = judgeOrigin(probed.probes[0]!, {
      hitStatuses: ['HIT'],
      purgeStartedAt: new Map([[nginx.pages, purged.began ?? 0]]),
      inFlight: purged.inFlight ?? 0,
      now: probed.now,
      openFileCache: false,
      before: 'HIT',
      isLast: false,
    })
    expect(judged).toMatchObject({
      verdict: 'unproven',
      evidence: 'HIT -> MISS, then HIT',
      cause: expect.stringContaining('not seen to reload') as string,
    })
  })
})

describe('an nginx in a mount namespace of its own', () => {
  it('with another directory at cachePath: refused, and nothing is made outside', async () => {
    const nginx = await startNginx({
      mount: (root) => `mount -t tmpfs none ${root}/cache && mkdir ${root}/cache/pages ${root}/cache/other`,
    })
    await nginx.get()
    const before = readdirSync(join(nginx.root, 'cache'), { recursive: true })
    for (let times = 0; times < 2; times += 1) {
      expect(await nginx.inspect()).toMatchObject({
        directory: 'refused',
        known: false,
        reason: expect.stringContaining('mount namespace of its own') as string,
      })
    }
    await expect(nginx.purge()).rejects.toThrow('it runs in a mount namespace of its own (PrivateTmp, a container); nothing was deleted')
    expect(readdirSync(join(nginx.root, 'cache'), { recursive: true })).toEqual(before)
    expect((await nginx.get()).cache).toBe('HIT')
  })

  it('with the same directory under another name: purged by the name that it has here', async () => {
    const nginx = await startNginx({ mount: (root) => `mkdir ${root}/volume && mount --bind ${root}/volume ${root}/cache/pages` })
    await nginx.get()
    nginx.backend.text = 'the new copy'
    expect(await nginx.purge(join(nginx.root, 'volume'))).toMatchObject({ action: 'deleted', files: 1, inFlight: 0 })
    expect(await nginx.get()).toEqual({ cache: 'MISS', body: 'the new copy' })
  })
})
