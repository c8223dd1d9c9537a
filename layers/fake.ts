// A layer on an instance of the local run, as if visitors had just been there.

export const pages = ['', 'about', 'news/2026/launch day', 'über-uns', '日本語', 'contact & help', 'shop/50% off', 'feed']

export const html = (page: string): string =>
  `<!doctype html><title>${page || 'home'}</title>\n${'<p>The old copy of this page.</p>\n'.repeat(300)}`

export interface LayerFake<L> {
  /** A layer as somebody would configure it: what the contract suite runs. */
  readonly example: L
  /** What must be there besides the cache: paths on the instance, and contents. */
  readonly files: (layer: L) => Readonly<Record<string, string>>
  /** What is cached: paths below the cache's directory, and contents. */
  readonly cached: (layer: L) => readonly (readonly [path: string, content: string])[]
  /** Unix users that the layer's commands run as. */
  readonly users: (layer: L) => readonly string[]
  /** The files in which an nginx that runs there keeps its process id. */
  readonly nginxPidFiles: (layer: L) => readonly string[]
}
