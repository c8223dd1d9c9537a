// From the slash command to the message in Slack, with a real nginx on the instance: the rest of the table of docs/proof.md, and that
// what is well is called well.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { purgeHealthySite } from '../../bench/scenarios/healthy-site.ts'
import { nginxOrigin } from '../../local/instance/nginx-origin.ts'
import { visit } from '../../local/instance/visitor.ts'
import { aPortal, fastCgi, newCopy, oldCopy, page, portalId, stage, testRows, type Staged } from '../local/system/staged.ts'

const openFileCache = { http: 'open_file_cache max=100 inactive=10m; open_file_cache_valid 10m;', workers: 1 }

/** A PHP that can be held between reading what is published and answering. */
const heldPhp = () => {
  let held: Promise<unknown> = Promise.resolve()
  let release: () => void = () => undefined
  return {
    phpWork: () => held,
    hold: () => {
      held = new Promise<void>((resolve) => {
        release = resolve
      })
    },
    /** Only for what begins from now on. */
    letNew: () => {
      held = Promise.resolve()
    },
    release: () => {
      release()
    },
  }
}

/** A visitor asks for the page that is not cached; PHP reads the old content and takes until `until` has come. */
const inFlight =
  (php: ReturnType<typeof heldPhp>, until: (staged: Staged) => Promise<unknown>) => async (staged: Staged, purge: () => Promise<void>) => {
    const { system, rootOf } = staged
    await rm(join(rootOf(portalId), fastCgi.cachePath), { recursive: true })
    system.publish(oldCopy)
    php.hold()
    const [origin = ''] = system.originUrls.values()
    const late = visit(origin, page)
    await sleep(300)
    system.publish(newCopy)
    php.letNew()
    const purged = purge()
    // A purge that ends early must not leave PHP waiting.
    await Promise.race([until(staged), purged]).finally(() => {
      php.release()
    })
    expect((await late).body).toContain(oldCopy)
    await purged
  }

const [shortRace, longRace] = [heldPhp(), heldPhp()]
const requests = async ({ system }: Staged): Promise<void> => {
  const before = system.cloudflare.requests().length
  while (system.cloudflare.requests().length === before) await sleep(50)
}

describe('a purge that "succeeds"', () => {
  testRows([
    {
      name: 'open_file_cache keeps deleted files open, and our script reloads nginx',
      startOrigin: nginxOrigin(openFileCache),
      ours: {
        says: /^TD Portal: caches cleared and verified[^]*nginx reloaded[^]*: \/ HIT -> MISS, then HIT/,
        ends: 'SUCCEEDED',
        visitorGets: 'the new copy',
      },
    },
    {
      name: 'open_file_cache keeps deleted files open, and nginxPidFile is wrong',
      targets: [aPortal({ layers: [{ ...fastCgi, nginxPidFile: '/run/other.pid', trustCachePath: true }] })],
      startOrigin: nginxOrigin(openFileCache),
      // The local run puts a living process there.
      spoil: ({ rootOf }) => rm(join(rootOf(portalId), 'run/other.pid')),
      ours: {
        says: /^TD Portal: the old copy is still served[^]*nothing to reload[^]*no file in the configured caches holds this page[^]*did not reach nginx \(nginxPidFile\)/,
        ends: 'FAILED',
        visitorGets: 'the old copy',
      },
    },
    {
      name: 'a request in flight writes the old page back',
      startOrigin: nginxOrigin(shortRace),
      waitScale: 0.2,
      // Theirs has no commands left when Cloudflare is asked; ours waits for this request first.
      during: inFlight(shortRace, ({ system }) => Promise.race([requests({ system } as Staged), sleep(4000)])),
      ours: { says: /^TD Portal: caches cleared and verified/, ends: 'SUCCEEDED', visitorGets: 'the new copy' },
    },
    {
      name: 'a request in flight outlasts the first purge',
      startOrigin: nginxOrigin(longRace),
      waitScale: 0.2,
      during: inFlight(longRace, requests),
      ours: {
        says: /^TD Portal: caches cleared and verified[^]*Purged twice: still old after the first purge/,
        ends: 'SUCCEEDED',
        visitorGets: 'the new copy',
      },
    },
    {
      name: 'a second cache that nobody configured keeps the page',
      startOrigin: nginxOrigin({ cachePath: '/var/cache/nginx/other' }),
      ours: {
        says: /^TD Portal: the old copy is still served[^]*it comes from \/var\/cache\/nginx\/other, a cache that no layer of the target purges/,
        ends: 'FAILED',
        visitorGets: 'the old copy',
      },
    },
  ])
})

describe('a purge that works', () => {
  it.each([
    ['with a plain cache', {}],
    ['with use_temp_path=off', { cachePathOptions: 'use_temp_path=off' }],
  ])('%s is verified, from HIT to MISS', async (_name, options) => {
    const { system, slash, get } = await stage({ startOrigin: nginxOrigin(options) })
    expect(await get()).toContain(oldCopy)
    system.publish(newCopy)
    expect(await slash()).toEqual({
      message: expect.stringMatching(
        /^TD Portal: caches cleared and verified[^]*: \/ HIT -> MISS, then HIT\n[^]*Cloudflare: \/ new copy \(was the old one before\), MISS \(LHR\)/,
      ) as string,
      status: 'SUCCEEDED',
    })
    expect([await get(), await get(portalId)]).toEqual([expect.stringContaining(newCopy), expect.stringContaining(newCopy)])
  })

  it('is verified every time while visitors refill both caches', async () => {
    const { runs } = await purgeHealthySite({ runs: 5 })
    expect(runs.map(({ verified, visitorsGotTheNewCopy, message }) => (verified && visitorsGotTheNewCopy ? 'verified' : message))).toEqual(
      Array.from({ length: 5 }, () => 'verified'),
    )
  })
})
