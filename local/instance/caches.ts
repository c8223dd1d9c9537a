// Fills an instance's caches with files that look like the real ones: names with spaces and beyond ASCII, some hundred KB.

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { AnyLayer, LayerKindDefinition } from '../../layers/contract.ts'
import type { LayerFake } from '../../layers/fake.ts'
import { type Layer, layerKind } from '../../layers/kinds.ts'
import { fakeOf } from './fakes.ts'

/** A layer of any kind, also of one that is in no registry. */
export interface FakeLayer<L extends AnyLayer> {
  readonly layer: L
  readonly kind: Pick<LayerKindDefinition<L>, 'cachePath'>
  readonly fake: LayerFake<L>
}

const write = async (root: string, path: string, content: string): Promise<void> => {
  const file = join(root, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}

export const fillFake = async <L extends AnyLayer>(root: string, { layer, kind, fake }: FakeLayer<L>): Promise<string> => {
  const directory = kind.cachePath(layer)
  for (const [path, content] of fake.cached(layer)) await write(root, join(directory, path), content)
  return join(root, directory)
}

/** With what must be there besides the cache. */
export const placeFake = async <L extends AnyLayer>(root: string, placed: FakeLayer<L>): Promise<void> => {
  for (const [path, content] of Object.entries(placed.fake.files(placed.layer))) await write(root, path, content)
  await fillFake(root, placed)
}

export const fakeLayer = (layer: Layer): FakeLayer<Layer> => ({ layer, kind: layerKind(layer.kind), fake: fakeOf(layer.kind) })

/**
 * As if visitors had just been there.
 * @param root the folder that serves as the instance's root directory
 * @returns the cache's directory on this machine
 */
export const fillCache = (root: string, layer: Layer): Promise<string> => fillFake(root, fakeLayer(layer))
