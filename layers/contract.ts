// What a kind of cache layer says of itself. A new kind is a folder beside this file, a line in kinds.ts and, for the local run, one in local/instance/fakes.ts.

/** An SSM command document: `<source>.yaml` beside `<source>.sh`, and the files of ssm/shared/ that come before the script, in order. */
export interface DocumentSource {
  /** Names the Terraform resource: a change replaces the document. */
  readonly id: string
  /** The deployed name, without the config's prefix. */
  readonly name: string
  /** From the repository's root, without an extension. */
  readonly source: string
  readonly shared: readonly string[]
}

/** One command for Send Command, before it has instances and time-outs. */
export interface CommandSpec {
  /** A document's deployed name, without the config's prefix. */
  readonly document: string
  readonly parameters: Readonly<Record<string, string>>
}

export interface InspectionSpec extends CommandSpec {
  /** What a purge would do, in words: `reload nginx and delete the content of /var/cache/nginx/portal` */
  readonly would: string
}

/** @typeParam L the layer as the config has it, with its defaults */
export interface LayerKindDefinition<L> {
  /** What people call it, in every message. */
  readonly label: string
  /** Distance from PHP to the visitor: an outer cache that is purged before an inner one refills from it with the old copy. */
  readonly distance: number
  readonly documents: readonly DocumentSource[]
  readonly purge: (layer: L) => CommandSpec
  readonly inspect: (layer: L) => InspectionSpec
  /** The directory on an instance that holds the cached files. */
  readonly cachePath: (layer: L) => string
  /** Whether that directory is an nginx cache, whose files a probe can attribute to a page. */
  readonly isNginxCache: boolean
}
