// Composition root of the deployment: config -> bundles -> stack -> cdktf.out. No resources here, and no network.
// PURGEFLOW_CONFIG names another config file (.ts or .json) than config/targets.ts.

import { resolve } from 'node:path'
import { App } from 'cdktf'
import { ConfigError } from './config/config-error.ts'
import { readConfig } from './config/read.ts'
import { configWarnings } from './config/warnings.ts'
import { bundle, loadBundles } from './scripts/bundle.ts'
import { PurgeflowStack } from './stacks/purgeflow-stack.ts'

const synthesize = async (): Promise<void> => {
  if (import.meta.dirname.includes(' '))
    throw new ConfigError(`cdktf packs no functions from a path with a space: move the checkout away from ${import.meta.dirname}`)
  const { config, file } = await readConfig()
  for (const warning of configWarnings(config)) console.error(`Warning: ${warning}`)

  // The functions carry their config with them, so they are built from the file that the stack is built from.
  const bundleDir = resolve('dist')
  await bundle({ outDir: bundleDir, configFile: file })
  loadBundles(bundleDir)

  const app = new App()
  // The stack's name names the local state file: two deployments from one checkout keep their states apart.
  new PurgeflowStack(app, config.name, { config, bundleDir })
  app.synth()
}

try {
  await synthesize()
} catch (error) {
  // What an operator wrote needs no stack trace; anything else is ours, and does.
  console.error(error instanceof ConfigError ? error.message : error)
  process.exitCode = 1
}
