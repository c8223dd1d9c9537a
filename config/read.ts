// Reads a config file from the disk: for the deployment and the local run. The functions have theirs compiled in.

import { readFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Message, transform, type TransformFailure } from 'esbuild'
import { ConfigError } from './config-error.ts'
import { explain } from './explain.ts'
import { Config } from './schema.ts'

const lines = (source: string, problems: readonly string[]): ConfigError =>
  new ConfigError(
    `${source} has ${problems.length} error${problems.length === 1 ? '' : 's'}:\n${problems.map((line) => `  ${line}`).join('\n')}`,
  )

/**
 * @param source named in the error, so that the reader knows which file to open
 * @throws ConfigError with one line a mistake: its path and what is expected there
 */
export const checkConfig = (raw: unknown, source: string): Config => {
  const parsed = Config.safeParse(raw)
  if (parsed.success) return parsed.data
  throw lines(source, explain(Config, raw))
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

const isFailure = (error: unknown): error is TransformFailure => error instanceof Error && 'errors' in error

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const shown = ({ text, location }: Message): string =>
  location === null
    ? text
    : `line ${location.line}, column ${location.column + 1}: ${text}\n    ${location.lineText}\n    ${' '.repeat(location.column)}^`

/** esbuild names line and column of what it cannot parse; an import of the same file would only say that it cannot. */
const requireSyntax = async (path: string, source: string, text: string): Promise<void> => {
  const loader = path.endsWith('.json') ? 'json' : 'ts'
  try {
    await transform(text, { loader, logLevel: 'silent' })
  } catch (error) {
    throw isFailure(error) ? lines(source, error.errors.map(shown)) : error
  }
}

const content = async (path: string, source: string): Promise<unknown> => {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new ConfigError(`${source} cannot be read: ${reason(error)}`)
  }
  await requireSyntax(path, source, text)
  if (path.endsWith('.json')) return JSON.parse(text)
  let module: unknown
  try {
    module = await import(pathToFileURL(path).href)
  } catch (error) {
    throw new ConfigError(`${source} cannot be loaded: ${reason(error)}`)
  }
  if (!isObject(module) || module['default'] === undefined)
    throw new ConfigError(`${source} exports no config: end it with \`export default config\``)
  return module['default']
}

/**
 * @param file .ts (default export) or .json, relative to the working directory; left out: what PURGEFLOW_CONFIG names, or config/targets.ts
 * @throws ConfigError that names the file and everything that is wrong with it
 */
export const readConfig = async (file = process.env['PURGEFLOW_CONFIG']): Promise<{ readonly config: Config; readonly file: string }> => {
  const path = file === undefined ? resolve(import.meta.dirname, 'targets.ts') : resolve(file)
  const source = file ?? relative(process.cwd(), path)
  return { config: checkConfig(await content(path, source), source), file: path }
}
