// What a kind of cache layer says of itself. CONTRIBUTING.md says how to add one; __tests__/layers/contract.test.ts holds every kind to it.

import type * as z from 'zod'
import type { CacheFacts } from './cache-facts.ts'
import type { Finding } from './finding.ts'

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

/** What rules between layers read: the two paths have these names in every kind that has them. */
export interface AnyLayer {
  readonly kind: string
  readonly id?: string | undefined
  /** The directory that a purge empties. */
  readonly cachePath?: string | undefined
  /** The site, which no layer's cache may hold. */
  readonly sitePath?: string | undefined
}

/** @typeParam L the layer as the config has it, with its defaults */
export interface LayerKindDefinition<L extends AnyLayer> {
  readonly schema: z.ZodType<L>
  /** What people call it, in every message. */
  readonly label: (layer: L) => string
  /** Distance from PHP to the visitor: an outer cache that is purged before an inner one refills from it with the old copy. */
  readonly distance: number
  readonly documents: readonly DocumentSource[]
  readonly purge: (layer: L) => CommandSpec
  readonly inspect: (layer: L) => CommandSpec
  /** What a purge does, for people: `reload nginx and delete the content of /var/cache/nginx/portal` */
  readonly action: (layer: L) => string
  /** The last line that an inspection prints. */
  readonly facts: z.ZodType<CacheFacts>
  /** What the facts mean for a purge. Both come out of an execution's data. @param parameters those that `inspect` gave */
  readonly findings: (facts: unknown, parameters: unknown) => readonly Finding[]
  /** The parameters of `purge` by which a probe finds the file of a page. Left out where a page has no file that it could know. */
  readonly pageFiles?: { readonly directory: string; readonly nginxPidFile: string }
}
