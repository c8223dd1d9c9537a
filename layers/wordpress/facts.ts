// What a look at one WordPress site and its cache plugin found on an instance. It judges nothing.

import * as z from 'zod'
import { cacheFacts } from '../cache-facts.ts'

/** The last line that inspect.sh prints. */
export const WordPressFacts = z.object({
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
