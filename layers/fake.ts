// A layer on an instance of the local run, as if visitors had just been there.

export const pages = ['', 'about', 'news/2026/launch day', 'über-uns', '日本語', 'contact & help', 'shop/50% off', 'feed']

export const html = (page: string): string =>
  `<!doctype html><title>${page || 'home'}</title>\n${'<p>The old copy of this page.</p>\n'.repeat(300)}`

/** What an instance has and a laptop may not: it comes first in the PATH of a script. */
export interface FakeProgram {
  /** From the repository's root. */
  readonly source: string
  /** From the instance's root: a directory of the PATH, and the program's name. */
  readonly installed: string
}

export interface LayerFake<L> {
  /** A layer as somebody would configure it: what the contract suite runs. */
  readonly example: L
  readonly programs: readonly FakeProgram[]
  /** What must be there besides the cache: paths on the instance, and contents. @param layers all of this kind on one instance */
  readonly files: (layers: readonly L[]) => Readonly<Record<string, string>>
  /** The directory on an instance that holds the cached files. */
  readonly cachePath: (layer: L) => string
  /** What is cached: paths below that directory, and contents. */
  readonly cached: (layer: L) => readonly (readonly [path: string, content: string])[]
  /** Unix users that the layer's commands run as. */
  readonly users: (layer: L) => readonly string[]
  /** Starts what runs there; it must end by itself when this process does. Left out where nothing does. */
  readonly start?: (root: string, layers: readonly L[]) => Promise<void>
}
