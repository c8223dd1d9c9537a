// What the config's rules make of every kind of layer, without knowing one.

import { expect, it } from 'vitest'
import { aConfigInput, aTarget, errorsOf } from '../config/a-config.ts'
import { fakeOf } from '../../local/instance/fakes.ts'
import type { AnyLayer } from '../../layers/contract.ts'
import { everyLayerKind, layerKind } from '../../layers/kinds.ts'

const errorsOfLayers = (...layers: unknown[]): string[] => errorsOf({ ...aConfigInput(), targets: [{ ...aTarget(), layers }] })
const named = everyLayerKind.map((kind) => ({ kind, layer: fakeOf(kind).example, distance: layerKind(kind).distance }))
const pairs = named.flatMap((inner) => named.filter(({ distance }) => distance > inner.distance).map((outer) => [inner, outer] as const))

it.each(named)('$kind may be in a config, and two of it only under names of their own', ({ kind, layer }) => {
  expect(errorsOfLayers(layer)).toEqual([])
  expect(errorsOfLayers(layer, layer)).toEqual([`targets.portal.layers: two layers are called ${kind}: give each an id of its own`])
  expect(errorsOfLayers(layer, { ...layer, id: 'other' })).toEqual([])
})

it.each(named)('$kind calls the directory that it empties cachePath, or has it in its sitePath', ({ kind, layer }) => {
  const { cachePath, sitePath }: AnyLayer = layer
  const emptied = fakeOf(kind).cachePath(layer)
  expect(cachePath === emptied || emptied.startsWith(`${sitePath}/`)).toBe(true)
})

const holders = named.filter(({ layer }) => 'cachePath' in layer)
const sites = named.filter(({ layer }) => 'sitePath' in layer)

it.each(holders.flatMap((holder) => sites.map((site) => [holder, site] as const)))('$kind holds no site of $kind', (holder, site) => {
  const inside = { ...site.layer, id: 'site', sitePath: `${fakeOf(holder.kind).cachePath(holder.layer)}/site` }
  expect(errorsOfLayers(inside, holder.layer).filter((error) => error.includes('layers[1].cachePath'))).toEqual([
    `targets.portal.layers[1].cachePath: holds the site ${inside.sitePath}, which would be deleted: name the cache directory itself`,
  ])
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
