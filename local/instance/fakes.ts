// How each kind of layer looks on a sandbox instance. Apart from layers/kinds.ts, because a function's bundle needs none of it.

import type { Layer, LayerKind } from '../../layers/kinds.ts'
import { nginxFastCgiSandbox } from '../../layers/nginx-fastcgi/sandbox.ts'
import type { LayerSandbox } from '../../layers/sandbox.ts'
import { w3TotalCacheSandbox } from '../../layers/w3-total-cache/sandbox.ts'
import { wpRocketSandbox } from '../../layers/wp-rocket/sandbox.ts'

type LayerByKind = { readonly [Each in Layer as Each['kind']]: Each }

const sandboxes: { readonly [Kind in LayerKind]: LayerSandbox<LayerByKind[Kind]> } = {
  'w3-total-cache': w3TotalCacheSandbox,
  'wp-rocket': wpRocketSandbox,
  'nginx-fastcgi': nginxFastCgiSandbox,
}

export const sandboxOf = <Kind extends LayerKind>(kind: Kind): LayerSandbox<LayerByKind[Kind]> => sandboxes[kind]
