// What the probe pages show before a purge: whether one could be proven by them. No I/O.

import type { OriginObservation, ProbeOutcome } from '../../statemachines/data/outcome.ts'
import type { Preview } from '../../statemachines/data/plan.ts'
import { likelyRefusal } from '../../edge/response.ts'
import { finding, type Finding } from '../../layers/finding.ts'

const unproven = 'so a purge would end as unproven'

const judgeObservation = (url: string, { status, cache, then }: OriginObservation, hitStatuses: readonly string[]): Finding => {
  if (status === 0) return finding('warning', `${url} has no answer on the instance, ${unproven}. ${likelyRefusal(status)}`)
  if (status >= 400) return finding('warning', `${url} is HTTP ${status} on the instance, ${unproven}. ${likelyRefusal(status)}`)
  if (cache === '')
    return finding(
      'warning',
      `${url} has no cache header, ${unproven}. See probes.cacheHeader, and let nginx send it: add_header X-FastCGI-Cache $upstream_cache_status`,
    )
  const seen = then === '' ? cache : `${cache}, then ${then}`
  if (hitStatuses.includes(then === '' ? cache : then)) return finding('ok', `${url} is cached (${seen})`)
  return finding('warning', `${url} is not cached (${seen}), ${unproven}. Probe a page that is: without cookies, without Cache-Control`)
}

/** @returns by instance, what its answers mean */
export const judgeProbes = (
  probes: NonNullable<Preview['probes']>,
  { instances }: ProbeOutcome,
): { readonly instanceId: string; readonly findings: Finding[] }[] =>
  instances.map(({ instanceId, probes: observations }) => ({
    instanceId,
    findings: probes.urls.flatMap((url, index) => {
      const observation = observations[index]
      return observation ? [judgeObservation(url, observation, probes.hitStatuses)] : []
    }),
  }))
