// Builds one folder a function: dist/<function>/index.mjs, which is what Terraform uploads and what the local run executes.

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { ConfigError } from '../config/config-error.ts'

const root = resolve(import.meta.dirname, '..')
const handlers = resolve(root, 'handlers')

/** Every folder of handlers/ that is a function. */
export const functionNames = (): string[] =>
  readdirSync(resolve(root, 'handlers'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'shared')
    .map((entry) => entry.name)
    .sort()

/** @param configFile is compiled into the bundles in place of config/targets.ts; left out: what PURGEFLOW_CONFIG names, or that one */
export const bundle = async (options: { outDir?: string; configFile?: string } = {}): Promise<void> => {
  const configFile = resolve(options.configFile ?? process.env['PURGEFLOW_CONFIG'] ?? resolve(root, 'config/targets.ts'))
  await build({
    entryPoints: Object.fromEntries(functionNames().map((name) => [`${name}/index`, resolve(root, `handlers/${name}/handler.ts`)])),
    outdir: resolve(root, options.outDir ?? 'dist'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    // The ESM builds of the SDK shake: a CommonJS one would be bundled whole.
    mainFields: ['module', 'main'],
    absWorkingDir: root,
    logLevel: 'warning',
    plugins: [
      {
        name: 'config',
        setup: (plugin) => {
          // Only what a function imports: a config file may itself import config/targets.ts and change a part of it.
          plugin.onResolve({ filter: /\/config\/targets\.ts$/ }, ({ importer }) =>
            importer.startsWith(handlers) ? { path: configFile } : undefined,
          )
        },
      },
    ],
  })
}

/**
 * Loads each bundle once, in a process of its own: a config that fails at import would deploy functions that do.
 * @throws ConfigError with what the failing one said
 */
export const loadBundles = (outDir: string): void => {
  const urls = functionNames().map((name) => pathToFileURL(resolve(outDir, name, 'index.mjs')).href)
  const program = `for (const url of ${JSON.stringify(urls)}) await import(url)`
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8', timeout: 60_000 })
  if (status !== 0) throw new ConfigError(`The functions do not load with this config:\n${stderr.trim()}`)
}

if (import.meta.main) await bundle()
