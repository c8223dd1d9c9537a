// A cache of nginx: its entries are deleted, and nginx is reloaded.

import * as z from 'zod'
import { cachePathOnInstance, layerId, pathOnInstance } from '../../config/fields.ts'
import type { LayerKindDefinition } from '../contract.ts'
import { judging } from '../finding.ts'
import { NginxFacts, NginxModule } from './facts.ts'
import { judgeNginx } from './findings.ts'

const NginxFastCgiLayer = z.strictObject({
  kind: z.literal('nginx-fastcgi'),
  ...layerId,
  cachePath: cachePathOnInstance,
  /** Whose cache it is: fastcgi_cache, proxy_cache, uwsgi_cache or scgi_cache. */
  module: NginxModule.default('fastcgi'),
  nginxPidFile: pathOnInstance.default('/run/nginx.pid'),
  /** True: the purge goes on where nginx does not run or cannot be asked, so that nothing says whether the directory is its cache. */
  trustCachePath: z.boolean().default(false),
})
type NginxFastCgiLayer = z.infer<typeof NginxFastCgiLayer>

const purgeFastCgi = {
  id: 'purge-fastcgi',
  name: 'PurgeFastCGI',
  source: 'layers/nginx-fastcgi/purge',
  shared: ['script', 'paths', 'measure', 'cache', 'delete', 'entries', 'nginx-master', 'nginx', 'nginx-reload'],
} as const
const inspectNginx = {
  id: 'inspect-nginx',
  name: 'InspectNginx',
  source: 'layers/nginx-fastcgi/inspect',
  shared: ['script', 'paths', 'measure', 'cache', 'nginx-master', 'nginx', 'inspect'],
} as const

const parameters = ({ cachePath, nginxPidFile, trustCachePath }: NginxFastCgiLayer) => ({
  CachePath: cachePath,
  NginxPidFile: nginxPidFile,
  TrustDirectory: trustCachePath ? 'yes' : 'no',
})

const InspectParameters = z.object({ CachePath: z.string(), NginxPidFile: z.string(), Module: NginxModule.default('fastcgi') })

const labels = { fastcgi: 'FastCGI', proxy: 'Proxy cache', uwsgi: 'uWSGI cache', scgi: 'SCGI cache' } as const

export const nginxFastCgi = {
  schema: NginxFastCgiLayer,
  label: ({ module }) => labels[module],
  distance: 2,
  documents: [purgeFastCgi, inspectNginx],
  purge: (layer) => ({ document: purgeFastCgi.name, parameters: parameters(layer) }),
  inspect: (layer) => ({ document: inspectNginx.name, parameters: { ...parameters(layer), Module: layer.module } }),
  action: ({ cachePath }) => `reload nginx and delete the content of ${cachePath}`,
  facts: NginxFacts,
  findings: judging(NginxFacts, InspectParameters, (facts, { CachePath, NginxPidFile, Module }) =>
    judgeNginx(facts, { cachePath: CachePath, pidFile: NginxPidFile, module: Module }),
  ),
  pageFiles: { directory: 'CachePath', nginxPidFile: 'NginxPidFile' },
} satisfies LayerKindDefinition<NginxFastCgiLayer>
