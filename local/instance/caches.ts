// Fills a sandbox instance's caches with files that look like the real ones: names with spaces and beyond ASCII, some hundred KB.

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Layer, layerKind } from '../../layers/kinds.ts'
import { sandboxOf } from './fakes.ts'

/**
 * As if visitors had just been there.
 * @param root the folder that serves as the instance's root directory
 * @returns the cache's directory on this machine
 */
export const fillCache = async (root: string, layer: Layer): Promise<string> => {
  const directory = layerKind(layer.kind).cachePath(layer)
  for (const [path, content] of sandboxOf(layer.kind).cached(layer)) {
    const file = join(root, directory, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
  }
  return join(root, directory)
}
