// The tests in five projects. `npm test` runs the first two, which need Node and bash; nginx, engines and deploy need what their names say.

import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { configDefaults, defineConfig, type TestProjectConfiguration } from 'vitest/config'

const usersConfig = resolve(import.meta.dirname, 'config/targets.ts')
const testConfig = resolve(import.meta.dirname, '__tests__/targets.ts')
const guard = pathToFileURL(resolve(import.meta.dirname, '__tests__/guard-config.ts')).href

const project = (
  name: string,
  test: { include: string[]; exclude?: string[]; testTimeout?: number; hookTimeout?: number; isolate?: boolean },
) =>
  ({
    extends: true,
    test: { name, testTimeout: 180_000, hookTimeout: 180_000, ...test, exclude: [...configDefaults.exclude, ...(test.exclude ?? [])] },
  }) satisfies TestProjectConfiguration

const folders = (...names: string[]): string[] => names.map((name) => `__tests__/${name}/**/*.test.ts`)

/** These start processes: the local run, scripts, servers. */
const local = folders('bench', 'layers', 'local', 'ssm')
const [nginx, engines, deploy] = [folders('nginx'), folders('engines'), folders('deploy')]
/** They mostly wait, for terraform and for simulated services. */
const long = { testTimeout: 420_000, hookTimeout: 180_000 }

export default defineConfig({
  plugins: [
    {
      // config/targets.ts belongs to its user: what it says must change no test.
      name: 'config-of-the-tests',
      enforce: 'pre',
      resolveId: (source) => (/\/config\/targets\.ts$/.test(source) ? testConfig : undefined),
      load: (id) => {
        if (id.startsWith(usersConfig)) throw new Error('a test loads config/targets.ts, which belongs to its user')
      },
    },
  ],
  test: {
    // Two cores: more workers than that only make the timing of child processes noisier.
    maxWorkers: 2,
    // The same for what reads its config at run time, child processes included.
    env: { PURGEFLOW_CONFIG: testConfig, NODE_OPTIONS: `--import=${guard}` },
    projects: [
      project('unit', { include: folders('**'), exclude: [...local, ...nginx, ...engines, ...deploy], isolate: false }),
      project('local', { include: local, isolate: false }),
      project('nginx', { include: nginx, ...long }),
      project('engines', { include: engines, ...long }),
      project('deploy', { include: deploy, ...long }),
    ],
  },
})
