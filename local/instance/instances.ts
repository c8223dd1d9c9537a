// Builds the sandbox instances: one folder each, with the sites, the caches and the programs that the config's layers expect there.

import { createHash } from 'node:crypto'
import { chmod, copyFile, mkdir, realpath, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cachePathsOf } from '../../config/probes.ts'
import type { Config } from '../../config/schema.ts'
import type { Layer } from '../../layers/kinds.ts'
import { fakeLayer, placeFake } from './caches.ts'
import type { Instance } from './instance.ts'
import { fakeOf } from './fakes.ts'
import { startNginxMaster } from './nginx-master.ts'

/** What the sandbox has and a laptop may not. They come first in the PATH of a script. */
const programs = { wp: 'usr/local/bin', nginx: 'usr/sbin', runuser: 'usr/sbin', id: 'usr/bin', curl: 'usr/bin' } as const

const write = async (root: string, path: string, content: string): Promise<void> => {
  const file = join(root, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}

const install = async (root: string): Promise<void> => {
  for (const [name, directory] of Object.entries(programs)) {
    await mkdir(join(root, directory), { recursive: true })
    const program = join(root, directory, name)
    await copyFile(join(import.meta.dirname, 'programs', name), program)
    await chmod(program, 0o755)
  }
}

/** What nginx, its users and its caches would have in their configuration. */
const configure = async (root: string, layers: readonly Layer[]): Promise<void> => {
  const zones = cachePathsOf(layers).map(
    (path, index) => `  fastcgi_cache_path ${path} levels=1:2 keys_zone=zone${index}:10m inactive=60m;`,
  )
  const lines = [
    'events {}',
    'http {',
    ...zones,
    '  fastcgi_cache_key "$scheme$request_method$host$request_uri";',
    '  server {',
    '    listen 443 ssl;',
    '    add_header X-FastCGI-Cache $upstream_cache_status;',
    '  }',
    '}',
  ]
  await write(root, 'etc/nginx/nginx.conf', `${lines.join('\n')}\n`)
  const users = new Set(layers.flatMap((layer) => fakeOf(layer.kind).users(layer)))
  await write(
    root,
    'etc/passwd',
    ['root:x:0:0::/root:/bin/bash', ...[...users].map((user, index) => `${user}:x:${1000 + index}:1000::/home/${user}:/bin/bash`), ''].join(
      '\n',
    ),
  )
}

interface InstanceOptions {
  readonly instanceId: string
  readonly region: string
  readonly tags: Readonly<Record<string, string>>
  readonly layers: readonly Layer[]
}

/** @param directory gets a folder named by the instance id, which serves as the instance's root directory */
export const createInstance = async (directory: string, { instanceId, region, tags, layers }: InstanceOptions): Promise<Instance> => {
  await mkdir(join(directory, instanceId), { recursive: true })
  const root = await realpath(join(directory, instanceId))
  await install(root)
  await configure(root, layers)
  for (const layer of layers) await placeFake(root, fakeLayer(layer))
  for (const pidFile of new Set(layers.flatMap((layer) => fakeOf(layer.kind).nginxPidFiles(layer)))) await startNginxMaster(root, pidFile)
  return { instanceId, region, tags, root, state: 'online' }
}

/** The id of the one instance that stands for "every instance with this tag": the same in every run. */
export const taggedInstanceId = (region: string, key: string, value: string): string =>
  `i-${createHash('sha256').update(`${region} ${key}=${value}`).digest('hex').slice(0, 17)}`

const instancesOf = ({ region, instances, layers }: Config['targets'][number]): InstanceOptions[] => {
  if (instances === undefined) return []
  if ('ids' in instances) return instances.ids.map((instanceId) => ({ instanceId, region, tags: {}, layers }))
  const { key, values } = instances.tag
  return values.map((value) => ({ instanceId: taggedInstanceId(region, key, value), region, tags: { [key]: value }, layers }))
}

export const instanceIdsOf = (target: Config['targets'][number]): string[] => instancesOf(target).map(({ instanceId }) => instanceId)

/** Every instance that the config names; one that several targets share gets all their layers. */
export const createInstances = async (directory: string, config: Pick<Config, 'targets'>): Promise<Instance[]> => {
  const byId = new Map<string, InstanceOptions>()
  for (const options of config.targets.flatMap(instancesOf)) {
    const known = byId.get(options.instanceId)
    byId.set(
      options.instanceId,
      known ? { ...known, tags: { ...known.tags, ...options.tags }, layers: [...known.layers, ...options.layers] } : options,
    )
  }
  return Promise.all([...byId.values()].map((options) => createInstance(directory, options)))
}
