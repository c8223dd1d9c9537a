// Builds the sandbox instances: one folder each, with the sites, the caches and the programs that the config's layers expect there.

import { createHash } from 'node:crypto'
import { mkdir, realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type ByTags, selectorsOf } from '../../config/instances.ts'
import type { Config } from '../../config/schema.ts'
import type { FakeProgram } from '../../layers/fake.ts'
import { everyLayerKind, type Layer } from '../../layers/kinds.ts'
import { install, type Placement, placementOf, write } from './caches.ts'
import { fakeOf } from './fakes.ts'
import type { Instance } from './instance.ts'

/** What every instance has, whatever its layers. */
const programs: readonly FakeProgram[] = ['usr/sbin/runuser', 'usr/bin/id', 'usr/bin/curl'].map((installed) => ({
  source: `local/instance/programs/${basename(installed)}`,
  installed,
}))

const passwd = (users: readonly string[]): string =>
  ['root:x:0:0::/root:/bin/bash', ...users.map((user, index) => `${user}:x:${1000 + index}:1000::/home/${user}:/bin/bash`), ''].join('\n')

interface InstanceOptions {
  readonly instanceId: string
  readonly region: string
  readonly tags: Readonly<Record<string, string>>
  readonly layers: readonly Layer[]
}

/** @param directory gets a folder named by the instance id, which serves as the instance's root directory */
export const buildInstance = async (
  directory: string,
  { instanceId, region, tags }: Omit<InstanceOptions, 'layers'>,
  placements: readonly Placement[],
): Promise<Instance> => {
  await mkdir(join(directory, instanceId), { recursive: true })
  const root = await realpath(join(directory, instanceId))
  for (const program of programs) await install(root, program)
  await write(root, 'etc/passwd', passwd([...new Set(placements.flatMap(({ users }) => users))]))
  for (const { place } of placements) await place(root)
  return { instanceId, region, tags, root, state: 'online' }
}

export const createInstance = (directory: string, { layers, ...options }: InstanceOptions): Promise<Instance> => {
  const kinds = everyLayerKind.filter((kind) => layers.some((layer) => layer.kind === kind))
  const placements = kinds.map((kind) =>
    placementOf(
      fakeOf(kind),
      layers.filter((layer) => layer.kind === kind),
    ),
  )
  return buildInstance(directory, options, placements)
}

/** The id of the one instance that stands for "every instance with these tags": the same in every run. */
export const taggedInstanceId = (region: string, tags: Readonly<Record<string, string>>): string => {
  const words = Object.entries(tags).map(([key, value]) => `${key}=${value}`)
  return `i-${createHash('sha256')
    .update(`${region} ${words.join(' ')}`)
    .digest('hex')
    .slice(0, 17)}`
}

/** For each value of the first tag one; of further tags the first value will do. */
const taggedInstances = ([first, ...others]: ByTags['tags']): Readonly<Record<string, string>>[] =>
  first.values.map((value) => Object.fromEntries([[first.key, value], ...others.map(({ key, values }) => [key, values[0] ?? ''] as const)]))

const instancesOf = ({ region, instances, layers }: Config['targets'][number]): InstanceOptions[] =>
  (instances ? selectorsOf(instances) : []).flatMap((selector) =>
    'ids' in selector
      ? selector.ids.map((instanceId) => ({ instanceId, region, tags: {}, layers }))
      : taggedInstances(selector.tags).map((tags) => ({ instanceId: taggedInstanceId(region, tags), region, tags, layers })),
  )

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
