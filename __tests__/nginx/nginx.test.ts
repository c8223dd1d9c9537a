// The purge and the probe scripts against a real nginx.

import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ScriptResult } from '../../statemachines/data/outcome.ts'
import { judgeOrigin } from '../../handlers/probe-edge/freshness.ts'
import { type Nginx, startNginx } from './real-nginx.ts'

/** Purges with our script, probes with our script, and judges as probe-edge does. */
const purgeAndProbe = async (nginx: Nginx, between: () => Promise<unknown> = () => Promise.resolve()) => {
  const purged = ScriptResult.parse(await nginx.purge())
  await between()
  const probed = await nginx.probe()
  const context = {
    hitStatuses: ['HIT', 'STALE', 'UPDATING'],
    purgeStartedAt: new Map([[nginx.pages, purged.began ?? Infinity]]),
    inFlight: purged.inFlight ?? 0,
    now: probed.now,
    openFileCache: probed.openFileCache,
    before: 'HIT',
    isLast: false,
  }
  return { purged, ...judgeOrigin(probed.probes[0]!, context) }
}

const warm = async (nginx: Nginx) => {
  await nginx.get()
  expect(await nginx.get()).toEqual({ cache: 'HIT', body: 'the old copy' })
  nginx.backend.text = 'the new copy'
}
/** What the seeds do. */
const deleteFiles = (nginx: Nginx) => execFileSync('sh', ['-c', 'find "$0" -mindepth 1 -delete', nginx.pages])

describe('a real nginx', () => {
  it('turns from HIT to MISS after a purge', async () => {
    const nginx = await startNginx()
    await warm(nginx)
    expect(await purgeAndProbe(nginx)).toMatchObject({ verdict: 'fresh', evidence: 'HIT -> MISS, then HIT', purged: { inFlight: 0 } })
    expect((await nginx.get()).body).toBe('the new copy')
  })

  it('is fresh also where a visitor refilled the cache before the probe, by the file of the new copy', async () => {
    const nginx = await startNginx()
    await warm(nginx)
    expect(await purgeAndProbe(nginx, () => nginx.get())).toMatchObject({ verdict: 'fresh', evidence: 'HIT -> HIT' })
  })

  it('is stale without a purge', async () => {
    const nginx = await startNginx()
    await warm(nginx)
    const { probes, now, openFileCache } = await nginx.probe()
    const context = {
      hitStatuses: ['HIT'],
      purgeStartedAt: new Map([[nginx.pages, now + 1]]),
      inFlight: 0,
      now: now + 2,
      openFileCache,
      before: undefined,
      isLast: false,
    }
    expect(probes[0]).toMatchObject({ status: 200, cache: 'HIT', zone: nginx.pages })
    expect(judgeOrigin(probes[0]!, context)).toMatchObject({
      verdict: 'stale',
      cause: expect.stringContaining('from before the purge') as string,
    })
  })

  const openFileCache = { http: 'open_file_cache max=100 inactive=10m; open_file_cache_valid 10m;' }

  it('with open_file_cache serves the old copy from deleted files, which the probe sees and names', async () => {
    const nginx = await startNginx(openFileCache)
    // Each of the two workers has to hold the file open.
    for (let times = 0; times < 20; times += 1) await nginx.get()
    await warm(nginx)
    for (let times = 0; times < 20; times += 1) await nginx.get()
    const began = Math.floor(Date.now() / 1000)
    deleteFiles(nginx)
    expect(await nginx.get()).toEqual({ cache: 'HIT', body: 'the old copy' })
    const { probes, now, openFileCache: isOn } = await nginx.probe()
    expect(isOn).toBe(true)
    expect(
      judgeOrigin(probes[0]!, {
        hitStatuses: ['HIT'],
        purgeStartedAt: new Map([[nginx.pages, began]]),
        inFlight: 0,
        now,
        openFileCache: isOn,
        before: 'HIT',
        isLast: false,
      }),
    ).toMatchObject({
      verdict: 'stale',
      evidence: 'HIT -> HIT',
      cause: expect.stringContaining('open_file_cache') as string,
    })
  })

  it('with open_file_cache is fresh after our script', async () => {
    const nginx = await startNginx(openFileCache)
    for (let times = 0; times < 20; times += 1) await nginx.get()
    await warm(nginx)
    expect(await purgeAndProbe(nginx)).toMatchObject({ verdict: 'fresh', evidence: 'HIT -> MISS, then HIT' })
  })

  it('with a request in flight: the script waits for its end, and deletes what it wrote', async () => {
    const nginx = await startNginx()
    await warm(nginx)
    nginx.backend.text = 'the old copy'
    nginx.backend.delayMs = 1500
    const late = nginx.get('/late')
    await sleep(300)
    nginx.backend.text = 'the new copy'
    nginx.backend.delayMs = 0
    expect((await purgeAndProbe(nginx)).purged).toMatchObject({ inFlight: 0 })
    expect((await late).body).toBe('the old copy')
    expect((await nginx.get('/late')).body).toBe('the new copy')
  })

  it('with a request in flight for longer than the script waits: stale after the first purge, fresh after the second', async () => {
    const nginx = await startNginx()
    nginx.backend.delayMs = 22_000
    const late = nginx.get()
    await sleep(300)
    nginx.backend.text = 'the new copy'
    nginx.backend.delayMs = 0
    const first = await purgeAndProbe(nginx, () => late)
    expect(first).toMatchObject({
      verdict: 'stale',
      purged: { inFlight: 1 },
      cause: expect.stringContaining('requests from before the purge') as string,
    })
    // It is no false alarm: the old answer came after the purge, and is in the cache.
    expect(await nginx.get()).toEqual({ cache: 'HIT', body: 'the old copy' })
    expect(await purgeAndProbe(nginx)).toMatchObject({ verdict: 'fresh', purged: { inFlight: 0 } })
    expect((await nginx.get()).body).toBe('the new copy')
  })

  it('with use_temp_path=off is fresh after a purge', async () => {
    const nginx = await startNginx({ cachePathOptions: 'use_temp_path=off' })
    await warm(nginx)
    expect(await purgeAndProbe(nginx)).toMatchObject({ verdict: 'fresh' })
  })

  it('with a second cache that nobody configured is stale, and the cache is named', async () => {
    const nginx = await startNginx({ zone: 'other' })
    await warm(nginx)
    const { verdict, cause } = await purgeAndProbe(nginx)
    expect(verdict).toBe('stale')
    expect(cause).toContain(`${nginx.other.slice(0, 80)}, a cache that no layer of the target purges`)
  })

  it('with a wrong cachePath refuses the purge, names the right one and loses nothing', async () => {
    const nginx = await startNginx()
    await warm(nginx)
    await expect(nginx.purge(`${nginx.root}/cache/wrong`)).rejects.toThrow(
      `nginx keeps no cache in ${nginx.root}/cache/wrong, its caches are in ${nginx.other}, ${nginx.pages}; nothing was deleted`,
    )
    expect(await nginx.get()).toEqual({ cache: 'HIT', body: 'the old copy' })
  })
})
