// A dry run of each kind of layer: which document looks, with what parameters, and what a purge would do, in words.

import type { Layer } from '../../config/schema.ts'

export interface Inspection {
  /** Without the config's prefix; ssm/documents.ts has the same names. */
  readonly document: 'InspectNginx' | 'InspectWordPress'
  readonly parameters: Readonly<Record<string, string>>
  readonly would: string
}

export const inspectionOf = (layer: Layer): Inspection => {
  switch (layer.kind) {
    case 'w3-total-cache':
      return {
        document: 'InspectWordPress',
        parameters: { SitePath: layer.sitePath, CachePath: `${layer.sitePath}/wp-content/cache`, RunAs: layer.runAs, Plugin: layer.kind },
        would: `wp w3-total-cache flush all in ${layer.sitePath} as ${layer.runAs}`,
      }
    case 'wp-rocket':
      return {
        document: 'InspectWordPress',
        parameters: { SitePath: layer.sitePath, CachePath: layer.cachePath, RunAs: layer.runAs, Plugin: layer.kind },
        would: `wp rocket clean in ${layer.sitePath} as ${layer.runAs}, then delete the content of ${layer.cachePath}`,
      }
    case 'nginx-fastcgi':
      return {
        document: 'InspectNginx',
        parameters: { CachePath: layer.cachePath, NginxPidFile: layer.nginxPidFile },
        would: `reload nginx and delete the content of ${layer.cachePath}`,
      }
  }
}
