// What the config's rules make of every kind of layer, without knowing one.

import { expect, it } from 'vitest'
import { aConfigInput, aTarget, errorsOf } from '../config/a-config.ts'
import { fakeOf } from '../../local/instance/fakes.ts'
import { everyLayerKind, layerKind } from '../../layers/kinds.ts'

const errorsOfLayers = (...layers: unknown[]): string[] => errorsOf({ ...aConfigInput(), targets: [{ ...aTarget(), layers }] })
const named = everyLayerKind.map((kind) => ({ kind, layer: fakeOf(kind).example, distance: layerKind(kind).distance }))
const pairs = named.flatMap((inner) => named.filter(({ distance }) => distance > inner.distance).map((outer) => [inner, outer] as const))

it.each(named)('$kind may be in a config, and two of it only under names of their own', ({ kind, layer }) => {
  expect(errorsOfLayers(layer)).toEqual([])
  expect(errorsOfLayers(layer, layer)).toEqual([`targets.portal.layers: two layers are called ${kind}: give each an id of its own`])
  expect(errorsOfLayers(layer, { ...layer, id: 'other' })).toEqual([])
})

it('some kinds lie inside others', () => {
  expect(pairs).not.toEqual([])
})

it.each(pairs)('$kind comes before what lies outside it', (inner, outer) => {
  expect(errorsOfLayers(inner.layer, outer.layer)).toEqual([])
  expect(errorsOfLayers(outer.layer, inner.layer)).toEqual([
    `targets.portal.layers[1]: ${inner.kind} lies inside ${outer.kind} and must come before it: layers are purged inside out`,
  ])
})
