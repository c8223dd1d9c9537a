// Every kind that the contract holds: those that are registered, and the template in a registry of its own.

import { placementOf } from '../../local/instance/caches.ts'
import { fakeOf } from '../../local/instance/fakes.ts'
import type { Instance } from '../../local/instance/instance.ts'
import { buildInstance, createInstance } from '../../local/instance/instances.ts'
import type { AnyLayer, LayerKindDefinition } from '../../layers/contract.ts'
import type { LayerFake } from '../../layers/fake.ts'
import { everyLayerKind, layerKind } from '../../layers/kinds.ts'
import { templateFake } from '../../layers/template/fake.ts'
import { template } from '../../layers/template/layer.ts'

export interface HeldKind<L extends AnyLayer> {
  readonly kind: LayerKindDefinition<L>
  readonly fake: LayerFake<L>
  /** An instance with the fake's example on it, as a target with this one layer has it. */
  readonly place: (folder: string) => Promise<Instance>
}

const empty = { instanceId: 'i-00000000000000001', region: 'us-east-1', tags: {} }

const registered = everyLayerKind.map((name) => {
  const fake = fakeOf(name)
  const place = (folder: string) => createInstance(folder, { ...empty, layers: [fake.example] })
  return [name, { kind: layerKind(name), fake, place }] as const
})

const templateKind: HeldKind<typeof templateFake.example> = {
  kind: template,
  fake: templateFake,
  place: (folder) => buildInstance(folder, empty, [placementOf(templateFake, [templateFake.example])]),
}

/** What the suite gives a kind is that kind's own example, so the types need not tell them apart. */
export const heldKinds = [...registered, ['template', templateKind]] as unknown as readonly (readonly [string, HeldKind<AnyLayer>])[]
