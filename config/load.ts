// Turns what an operator wrote into a Config, or into one error that lists everything that is wrong with it.

import { Config } from './schema.ts'

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const at = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '') || '(the whole file)'

/**
 * @param source named in the error, so that the reader knows which file to open
 * @throws ConfigError with one line an error: its path and what is expected there
 */
export const loadConfig = (raw: unknown, source = 'config/targets.ts'): Config => {
  const parsed = Config.safeParse(raw)
  if (parsed.success) return parsed.data
  const lines = parsed.error.issues.map((issue) => `  ${at(issue.path)}: ${issue.message}`)
  throw new ConfigError(`${source} has ${lines.length} error${lines.length === 1 ? '' : 's'}:\n${lines.join('\n')}`)
}
