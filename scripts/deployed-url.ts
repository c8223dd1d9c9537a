import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { ConfigError } from '../config/config-error.ts'

/**
 * The slash command's request URL, from Terraform's state of this checkout.
 * @param name the deployment's, as in the config
 * @throws ConfigError that says what to do first
 */
export const deployedUrl = (name: string): string => {
  const folder = resolve(import.meta.dirname, `../cdktf.out/stacks/${name}`)
  if (!existsSync(folder))
    throw new ConfigError(`${name} was not deployed from this checkout: deploy (docs/deploy.md), or give the URL yourself`)
  const { error, status, stdout } = spawnSync('terraform', [`-chdir=${folder}`, 'output', '-raw', 'slack_request_url'], {
    encoding: 'utf8',
  })
  if (error) throw new ConfigError(`terraform does not run (${error.message}): install it, or give the URL yourself`)
  if (status === 0 && stdout.startsWith('https://')) return stdout
  throw new ConfigError(`Terraform's state of ${name} has no URL: finish the deployment (docs/deploy.md), or give the URL yourself`)
}
