// The fake of each kind of layer. Apart from layers/kinds.ts, because a function's bundle needs none of it.

import type { LayerFake } from '../../layers/fake.ts'
import type { LayerByKind, LayerKind } from '../../layers/kinds.ts'
import { nginxFastCgiFake } from '../../layers/nginx-fastcgi/fake.ts'
import { w3TotalCacheFake } from '../../layers/w3-total-cache/fake.ts'
import { wpRocketFake } from '../../layers/wp-rocket/fake.ts'

const fakes: { readonly [Kind in LayerKind]: LayerFake<LayerByKind[Kind]> } = {
  'w3-total-cache': w3TotalCacheFake,
  'wp-rocket': wpRocketFake,
  'nginx-fastcgi': nginxFastCgiFake,
}

export const fakeOf = <Kind extends LayerKind>(kind: Kind): LayerFake<LayerByKind[Kind]> => fakes[kind]
