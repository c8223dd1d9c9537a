// The config that was compiled into a function: it was checked, in words, when it was read from the disk (read.ts).

import { Config } from './schema.ts'

/** @throws ZodError where `raw` is no config */
export const loadConfig = (raw: unknown): Config => Config.parse(raw)
