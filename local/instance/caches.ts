// Puts layers on an instance: what their kind needs there, and caches with files that look like the real ones.

import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { FakeProgram, LayerFake } from '../../layers/fake.ts'
import type { Layer } from '../../layers/kinds.ts'
import { fakeOf } from './fakes.ts'

const repository = resolve(import.meta.dirname, '../..')

export const write = async (root: string, path: string, content: string): Promise<void> => {
  const file = join(root, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}

export const install = async (root: string, { source, installed }: FakeProgram): Promise<void> => {
  const program = join(root, installed)
  await mkdir(dirname(program), { recursive: true })
  await copyFile(join(repository, source), program)
  await chmod(program, 0o755)
}

export const fillFake = async <L>(root: string, fake: LayerFake<L>, layer: L): Promise<string> => {
  const directory = fake.cachePath(layer)
  for (const [path, content] of fake.cached(layer)) await write(root, join(directory, path), content)
  return join(root, directory)
}

/**
 * As if visitors had just been there.
 * @param root the folder that serves as the instance's root directory
 * @returns the cache's directory on this machine
 */
export const fillCache = (root: string, layer: Layer): Promise<string> => fillFake(root, fakeOf(layer.kind), layer)

/** Layers of one kind, whichever it is. */
export interface Placement {
  readonly users: readonly string[]
  readonly place: (root: string) => Promise<void>
}

export const placementOf = <L>(fake: LayerFake<L>, layers: readonly L[]): Placement => ({
  users: layers.flatMap((layer) => fake.users(layer)),
  place: async (root) => {
    for (const program of fake.programs) await install(root, program)
    for (const [path, content] of Object.entries(fake.files(layers))) await write(root, path, content)
    for (const layer of layers) await fillFake(root, fake, layer)
    await fake.start?.(root, layers)
  },
})
