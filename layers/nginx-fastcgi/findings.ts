// What a look at one nginx cache means for a purge. No I/O.

import { finding, type Finding } from '../finding.ts'
import type { NginxFacts, NginxModule } from './facts.ts'

export interface NginxLayer {
  readonly cachePath: string
  readonly pidFile: string
  readonly module: NginxModule
}

/** Only such a key lets a probe find the file of a page: docs/proof.md. */
const endsInHostAndUri = (key: string): boolean => /\$(host|http_host|server_name)\$request_uri$/.test(key)

const inTheDirectory = ({ directory, reason, known, config, zones }: NginxFacts, cachePath: string): Finding[] => {
  if (directory === 'refused') return [finding('problem', `a purge would fail: ${reason}. Correct cachePath`)]
  if (config === 'valid' && !known) {
    const where = zones.length > 0 ? `its caches are in ${zones.join(', ')}` : 'it has no cache at all'
    return [finding('problem', `nginx keeps no cache in ${cachePath}, ${where}. A purge would fail and delete nothing: correct cachePath`)]
  }
  if (directory === 'present') return []
  return known
    ? [
        finding(
          'problem',
          `${cachePath} is gone, so nginx can cache nothing there and a purge would find nothing. Reload nginx, which makes it anew`,
        ),
      ]
    : [finding('problem', `${cachePath} does not exist. A purge would find nothing and report success: correct cachePath`)]
}

/** Only a running nginx says what its caches are. */
const unasked = (trusted: boolean, what: string, cure: string): Finding =>
  trusted
    ? finding('warning', `${what}, so nothing shows that the directory is its cache, and nothing would be reloaded. ${cure}`)
    : finding('problem', `${what}, so a purge would fail and delete nothing. ${cure}, or set trustCachePath`)

const inNginx = ({ running, config, problem, trusted }: NginxFacts, pidFile: string): Finding[] => [
  ...(running === 'elsewhere' ? [unasked(trusted, `nginx runs, but ${pidFile} does not name it`, 'Correct nginxPidFile')] : []),
  ...(running === 'no'
    ? [unasked(trusted, `nginx does not run (${pidFile} names no live process of it)`, 'Start it, or correct nginxPidFile')]
    : []),
  ...(config === 'unasked'
    ? [
        unasked(
          trusted,
          'nginx runs in a mount namespace of its own (a container), and nsenter is not here to ask it',
          'Install util-linux',
        ),
      ]
    : []),
  ...(config === 'broken'
    ? [finding('problem', `nginx -t refuses the configuration, so a purge would fail and delete nothing: ${problem}. Mend it first`)]
    : []),
]

/** What nginx takes where the configuration says nothing: only of proxies is there a default. */
const keysInUse = ({ keys, module }: NginxFacts): readonly string[] =>
  keys.length === 0 && module === 'proxy' ? ['$scheme$proxy_host$request_uri'] : keys

const ofAnotherModule = ({ known, module }: NginxFacts, layer: NginxLayer): Finding[] =>
  known && module !== layer.module
    ? [
        finding(
          'warning',
          `nginx has a ${module}_cache_path in ${layer.cachePath}, so this layer is called by a wrong name: set module to ${module}`,
        ),
      ]
    : []

const inTheConfiguration = (facts: NginxFacts): Finding[] => {
  const { config, module, openFileCache, cacheHeader, running } = facts
  if (config !== 'valid') return []
  const keys = keysInUse(facts)
  const odd = keys.filter((key) => !endsInHostAndUri(key))
  return [
    ...(openFileCache && running === 'yes'
      ? [
          finding(
            'warning',
            'open_file_cache is on: nginx serves deleted files until it is reloaded. A purge reloads it; nobody should delete the files by hand',
          ),
        ]
      : []),
    ...(keys.length === 0
      ? [finding('warning', `nginx has no ${module}_cache_key, so all pages would share one entry. Set one that ends in $host$request_uri`)]
      : []),
    ...(odd.length > 0
      ? [
          finding(
            'warning',
            `${module}_cache_key ${odd.join(' and ')} does not end in $host$request_uri: the file of a page cannot be found by it, and a HIT after a purge would count as stale. Change the key, or expect that verdict`,
          ),
        ]
      : []),
    ...(cacheHeader
      ? []
      : [
          finding(
            'warning',
            'nginx sends no $upstream_cache_status, so no probe can see what its cache does. Add: add_header X-FastCGI-Cache $upstream_cache_status',
          ),
        ]),
  ]
}

const inOrder = ({ running, config, known, keys, directory }: NginxFacts, cachePath: string): Finding[] => {
  const parts = [
    ...(running === 'yes' && config === 'valid' ? ['nginx runs and its configuration is valid'] : []),
    ...(known && directory === 'present' ? [`${cachePath} is one of its caches`] : []),
    ...(keys.length > 0 && keys.every(endsInHostAndUri) ? [`the key is ${keys.join(' or ')}`] : []),
  ]
  return parts.length > 0 ? [finding('ok', parts.join('; '))] : []
}

export const judgeNginx = (facts: NginxFacts, layer: NginxLayer): Finding[] => [
  ...inTheDirectory(facts, layer.cachePath),
  ...ofAnotherModule(facts, layer),
  ...inNginx(facts, layer.pidFile),
  ...inTheConfiguration(facts),
  ...inOrder(facts, layer.cachePath),
]
