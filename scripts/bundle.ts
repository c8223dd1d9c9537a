// Builds one folder a function: dist/<function>/index.mjs, which is what Terraform uploads and what the local run executes.

import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { build } from 'esbuild'

const root = resolve(import.meta.dirname, '..')

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
          plugin.onResolve({ filter: /\/config\/targets\.ts$/ }, () => ({ path: configFile }))
        },
      },
    ],
  })
}

if (import.meta.main) await bundle()
