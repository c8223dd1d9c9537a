// What an inspection of one cache found on an instance. It judges nothing.

import * as z from 'zod'
import { cacheFacts } from '../cache-facts.ts'

/** The last line that inspect.sh prints. */
export const TemplateFacts = z.object({ ...cacheFacts, about: z.literal('template') })
export type TemplateFacts = z.infer<typeof TemplateFacts>
