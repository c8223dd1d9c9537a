// What a look at one nginx cache found on an instance. It judges nothing.

import * as z from 'zod'
import { cacheFacts } from '../cache-facts.ts'

/** Each has directives of its own, and keeps its files in the same way. */
export const NginxModule = z.enum(['fastcgi', 'proxy', 'uwsgi', 'scgi'])
export type NginxModule = z.infer<typeof NginxModule>

/** The last line that inspect.sh prints. */
export const NginxFacts = z.object({
  ...cacheFacts,
  about: z.literal('nginx'),
  /** Whether a purge goes on where nginx does not run or cannot be asked. */
  trusted: z.boolean().default(false),
  /** `elsewhere`: there is an nginx, but the pid file does not name it. */
  running: z.enum(['yes', 'elsewhere', 'no']),
  /** `unasked`: nginx runs in a container, and nothing here can ask it; `unread`: it does not run. */
  config: z.enum(['valid', 'broken', 'unasked', 'unread']),
  /** Whether the configured directory is one of nginx's caches. */
  known: z.boolean(),
  /** Whose cache the directory is; the configured one where nginx does not say. */
  module: NginxModule.default('fastcgi'),
  /** The directories of nginx's caches; the first few. */
  zones: z.array(z.string()),
  /** Every different fastcgi_cache_key, or the like of another module; the first few. */
  keys: z.array(z.string()),
  openFileCache: z.boolean(),
  /** Whether some add_header sends $upstream_cache_status. */
  cacheHeader: z.boolean(),
})
export type NginxFacts = z.infer<typeof NginxFacts>
