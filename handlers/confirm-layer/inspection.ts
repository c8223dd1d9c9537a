// What a dry run sees of one layer: facts of each instance, as the scripts in ssm/inspect-* print them. They judge nothing.

import * as z from 'zod'

const cacheFacts = {
  action: z.literal('inspected'),
  /** `refused`: a purge would not enter it, for the reason given. */
  directory: z.enum(['present', 'absent', 'refused']),
  reason: z.string(),
  files: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  /** What nginx or WP-CLI said, where it did not do as asked. */
  problem: z.string(),
}

/** The last line that ssm/inspect-nginx prints. */
export const NginxFacts = z.strictObject({
  ...cacheFacts,
  about: z.literal('nginx'),
  /** `elsewhere`: there is an nginx, but the pid file does not name it. */
  running: z.enum(['yes', 'elsewhere', 'no']),
  /** `missing`: nginx runs, but its command is not on the PATH; `unread`: it does not run. */
  config: z.enum(['valid', 'broken', 'missing', 'unread']),
  /** Whether the configured directory is one of nginx's caches. */
  known: z.boolean(),
  /** The directories of nginx's caches; the first few. */
  zones: z.array(z.string()),
  /** Every different fastcgi_cache_key; the first few. */
  keys: z.array(z.string()),
  openFileCache: z.boolean(),
  /** Whether some add_header sends $upstream_cache_status. */
  cacheHeader: z.boolean(),
})
export type NginxFacts = z.infer<typeof NginxFacts>

/** The last line that ssm/inspect-wordpress prints. */
export const WordPressFacts = z.strictObject({
  ...cacheFacts,
  about: z.literal('wordpress'),
  /** Whether sitePath is a directory. */
  site: z.boolean(),
  wp: z.enum(['answers', 'failed', 'missing', 'no-user', 'unasked']),
  /** Whether the cache plugin is active. */
  active: z.boolean(),
  /** Whether there is a `wp rocket`; not asked for W3 Total Cache, whose command comes with it. */
  command: z.boolean(),
  /** What in WordPress would purge Cloudflare by itself as soon as the plugin's cache is cleared. */
  edge: z.enum(['none', 'unknown', 'w3tc-extension', 'rocket-add-on', 'cloudflare-plugin']),
  /** Directories of W3 Total Cache's page cache in which the site's user may delete nothing. */
  locked: z.int().nonnegative(),
})
export type WordPressFacts = z.infer<typeof WordPressFacts>

export const InspectResult = z.discriminatedUnion('about', [NginxFacts, WordPressFacts])
export type InspectResult = z.infer<typeof InspectResult>

export const InspectOutcome = z.strictObject({
  id: z.string(),
  label: z.string(),
  outcome: z.literal('inspected'),
  commandId: z.string(),
  instances: z.array(z.strictObject({ instanceId: z.string(), facts: InspectResult })),
  /** Instances, or a tag that matches none, that could not be looked at, and why. A dry run tells of all that is wrong, so that does not end it. */
  unseen: z.array(z.strictObject({ instanceId: z.string(), reason: z.string() })),
})
export type InspectOutcome = z.infer<typeof InspectOutcome>
