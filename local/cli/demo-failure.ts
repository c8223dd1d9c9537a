// The demo's purge that fails: somebody left nginx's configuration broken, so nginx would not load it again.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { instanceIdsOf } from '../instance/instances.ts'
import type { System } from '../system/system.ts'
import { askForPurge } from './demo-purge.ts'

/** @returns what is not as it ought to be */
export const showFailure = async (system: System): Promise<string[]> => {
  const target = system.config.targets.find(({ layers }) => layers.some(({ kind }) => kind === 'nginx-fastcgi'))
  const instance = target && system.aws.instances.find(({ instanceId }) => instanceIdsOf(target).includes(instanceId))
  if (target === undefined || instance === undefined) return []
  const file = join(instance.root, 'etc/nginx/nginx.conf')
  const configuration = await readFile(file, 'utf8')
  await writeFile(file, `${configuration}server {\n`)
  try {
    const { status, message } = await askForPurge(system, target, 'somebody has left nginx.conf broken')
    return [
      ...(status === 'FAILED' ? [] : [`the purge of ${target.id} that had to fail ended as ${status}`]),
      ...(JSON.stringify(message?.payload).includes('purge failed') ? [] : [`Slack was not told that the purge of ${target.id} failed`]),
    ]
  } finally {
    await writeFile(file, configuration)
  }
}
