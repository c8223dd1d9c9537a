// Ways in which a purge "succeeds" and the old copy is still served: the table of docs/proof.md, as far as it needs no real nginx
// (__tests__/nginx/whole-run.test.ts has the rest).

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startOrigin, type StartOrigin } from '../../../local/instance/origin.ts'
import { aPortal, fastCgi, portalId, siblingId, testRows, zoneId, type Staged } from './staged.ts'

/** On these instances nginx keeps the pages elsewhere than the config says. */
const keepingElsewhere =
  (...instanceIds: string[]): StartOrigin =>
  (instance, sites, makePage) =>
    startOrigin(
      instance,
      instanceIds.includes(instance.instanceId) ? sites.map((site) => ({ ...site, cachePath: '/var/cache/nginx/elsewhere' })) : sites,
      makePage,
    )

const pluginPage = 'var/www/portal/wp-content/cache/page_enhanced/www.example.com/_index_slash_ssl.html'
/** PHP as W3 Total Cache makes it: the plugin's page, as long as there is one. */
const behindThePlugin: StartOrigin = (instance, sites, makePage) =>
  startOrigin(instance, sites, async (host, path) => readFile(join(instance.root, pluginPage), 'utf8').catch(() => makePage(host, path)))

const twoInstances = [aPortal({ instances: { ids: [portalId, siblingId] } })]

/** A visitor who comes again and again. */
const visited = async (staged: Staged, purge: () => Promise<void>): Promise<void> => {
  const leaving = new AbortController()
  const visitor = async (): Promise<void> => {
    while (!leaving.signal.aborted) await staged.get()
  }
  const coming = visitor()
  await purge().finally(() => {
    leaving.abort()
  })
  await coming
}

testRows([
  {
    name: 'the wrong cache directory is emptied',
    startOrigin: keepingElsewhere(portalId),
    spoil: async ({ rootOf }) => {
      const file = join(rootOf(portalId), 'etc/nginx/nginx.conf')
      await writeFile(file, (await readFile(file, 'utf8')).replace(fastCgi.cachePath, '/var/cache/nginx/elsewhere'))
    },
    ours: {
      says: /^TD Portal: purge failed[^]*Cloudflare: not touched[^]*nginx keeps no cache in \/var\/cache\/nginx\/portal, its caches are in \/var\/cache\/nginx\/elsewhere; nothing was deleted/,
      ends: 'FAILED',
      visitorGets: 'the old copy',
    },
  },
  {
    name: 'the wrong zone is purged, with a token that may purge it',
    // The host belongs to the first target's zone, whatever the second one says.
    targets: [aPortal({ id: 'owner' }), aPortal({ edge: { ...aPortal().edge!, zoneId: zoneId.replace(/^0/, 'f') } })],
    ours: {
      says: /^TD Portal: the old copy is still served[^]*Cloudflare: \/ HIT age \d+ \(LHR\) \(the page still says “[^”]*The old copy[^”]*”; the site now makes “[^”]*the new copy[^”]*”[^]*is it the right zone/,
      ends: 'FAILED',
      visitorGets: 'the old copy',
    },
  },
  {
    name: 'Cloudflare accepts the purge and does not apply it',
    spoil: ({ system }) => {
      system.cloudflare.appliesPurges = false
    },
    ours: {
      says: /^TD Portal: the old copy is still served[^]*Purged twice[^]*Cloudflare: \/ HIT age \d+ \(LHR\)/,
      ends: 'FAILED',
      visitorGets: 'the old copy',
    },
  },
  {
    name: 'one instance is not reached, its sibling is',
    targets: twoInstances,
    spoil: ({ system }) => {
      system.aws.instances.find(({ instanceId }) => instanceId === siblingId)!.state = 'undeliverable'
    },
    visitor: siblingId,
    ours: {
      says: new RegExp(`^TD Portal: purge failed[^]*Cloudflare: not touched[^]*${siblingId}: the command could not be delivered`),
      ends: 'FAILED',
      visitorGets: 'the old copy',
    },
  },
  {
    name: 'the tag matches no instance',
    targets: [aPortal({ instances: { tag: { key: 'Site', values: ['portal'] } } })],
    spoil: ({ system }) => {
      Object.assign(system.aws.instances[0]!.tags, { Site: 'renamed' })
    },
    ours: {
      says: /^TD Portal: purge failed[^]*tag:Site=portal: no instance matches, so nothing was purged/,
      ends: 'FAILED',
      visitorGets: 'the old copy',
    },
  },
  {
    name: 'a plugin says Success and deletes nothing',
    startOrigin: behindThePlugin,
    spoil: ({ rootOf }) =>
      writeFile(join(rootOf(portalId), 'usr/local/bin/wp'), '#!/usr/bin/env bash\necho "Success: Everything flushed successfully."\n'),
    ours: { says: /^TD Portal: caches cleared and verified/, ends: 'SUCCEEDED', visitorGets: 'the new copy' },
  },
  {
    name: 'the origin is purged after the edge, which a visitor refills from it',
    naive: ({ get }) => ({ edgeFirst: () => get() }),
    during: visited,
    ours: { says: /^TD Portal: caches cleared and verified/, ends: 'SUCCEEDED', visitorGets: 'the new copy' },
  },
  {
    name: 'one of two instances stays stale',
    targets: twoInstances,
    startOrigin: keepingElsewhere(siblingId),
    visitor: siblingId,
    ours: {
      says: new RegExp(
        `^TD Portal: the old copy is still served[^]*Probe ${portalId}: / \\w+ -> MISS, then HIT[^]*Probe ${siblingId}: / HIT -> HIT \\(no file`,
      ),
      ends: 'FAILED',
      visitorGets: 'the old copy',
    },
  },
])
