// Reads a config file from the disk: for the deployment and the local run. The functions have theirs compiled in.

import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigError, loadConfig } from './load.ts'
import type { Config } from './schema.ts'

const content = async (file: string): Promise<unknown> => {
  if (file.endsWith('.json')) return JSON.parse(await readFile(file, 'utf8'))
  const module: unknown = await import(pathToFileURL(file).href)
  return typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
}

/**
 * @param file .ts (default export) or .json, relative to the working directory; left out: what PURGEFLOW_CONFIG names, or config/targets.ts
 * @throws ConfigError that names the file and everything that is wrong with it
 */
export const readConfig = async (file = process.env['PURGEFLOW_CONFIG']): Promise<{ readonly config: Config; readonly file: string }> => {
  const path = file === undefined ? resolve(import.meta.dirname, 'targets.ts') : resolve(file)
  let raw: unknown
  try {
    raw = await content(path)
  } catch (error) {
    throw new ConfigError(`${file ?? path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  return { config: loadConfig(raw, file), file: path }
}
