// What every inspection says of a cache directory: the part that ssm/shared/inspect.sh prints.

import * as z from 'zod'

export const cacheFacts = {
  action: z.literal('inspected'),
  /** `refused`: a purge would not enter it, for the reason given. */
  directory: z.enum(['present', 'absent', 'refused']),
  reason: z.string(),
  files: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  /** What nginx or WP-CLI said, where it did not do as asked. */
  problem: z.string(),
}

/** Of any kind; the kind's own schema reads the rest. */
export const CacheFacts = z.looseObject(cacheFacts)
export type CacheFacts = z.infer<z.ZodObject<typeof cacheFacts>>
