// The sites of all targets: what serves them on every instance, and what the edge in front has to know of them.

import type { Config } from '../../config/schema.ts'
import type { Site } from '../cloudflare/edge-cache.ts'
import type { Instance } from '../instance/instance.ts'
import { instanceIdsOf } from '../instance/instances.ts'
import { hostsOf, type MakePage, sitesOf, type StartOrigin } from '../instance/origin.ts'

export interface Sites {
  /** For the edge. Requests of a target go to its first instance. */
  readonly sites: readonly Site[]
  /** Where each instance answers, by its id. */
  readonly originUrls: ReadonlyMap<string, string>
  readonly close: () => Promise<void>
}

export const startSites = async (
  { targets }: Config,
  instances: readonly Instance[],
  startOrigin: StartOrigin,
  makePage: MakePage,
): Promise<Sites> => {
  const originUrls = new Map<string, string>()
  const closers: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0)) await closer()
  }
  try {
    for (const instance of instances) {
      const own = targets.filter((target) => target.region === instance.region && instanceIdsOf(target).includes(instance.instanceId))
      const origin = await startOrigin(instance, own.flatMap(sitesOf), makePage)
      closers.push(() => origin.close())
      originUrls.set(instance.instanceId, origin.url)
    }
  } catch (error) {
    await close()
    throw error
  }
  const sites = targets.flatMap((target) =>
    hostsOf(target).map((host) => ({
      host,
      zoneId: target.edge?.zoneId ?? '',
      originUrl: originUrls.get(instanceIdsOf(target)[0] ?? '') ?? '',
    })),
  )
  return { sites, originUrls, close }
}
