import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LayerOutcome, ProbeOutcome } from '../../../statemachines/data/outcome.ts'
import { mergeParts, type Outcome } from '../../../statemachines/data/parts.ts'
import { anOutcome } from '../../handlers/factories.ts'

const onInstances = (ids: readonly string[], changes: Partial<LayerOutcome> = {}): LayerOutcome => {
  const [instance] = anOutcome().instances
  return anOutcome({
    files: ids.length,
    freedBytes: 10 * ids.length,
    ...changes,
    instances: ids.map((instanceId) => ({ ...instance!, instanceId })),
  })
}
const probe = (instanceId: string, requestedAt: number): ProbeOutcome => ({
  id: 'probe:after',
  label: 'Probe after',
  outcome: 'probed',
  commandId: 'c',
  requestedAt,
  instances: [{ instanceId, action: 'probed', now: 1, openFileCache: false, probes: [] }],
  unseen: [],
})

describe('the parts of a command', () => {
  it('are one outcome with every instance, however they were cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uniqueArray(fc.nat(30), { maxLength: 6 }), { minLength: 1, maxLength: 5 }), (parts) => {
        const named = parts.map((part) => part.map((number) => `i-${number}`))
        const [merged, ...others] = mergeParts(named.map((ids) => onInstances(ids, { seconds: 1 })))
        expect(others).toEqual([])
        expect(merged).toMatchObject({ seconds: parts.length, files: named.flat().length, freedBytes: 10 * named.flat().length })
        expect((merged as LayerOutcome).instances.map(({ instanceId }) => instanceId)).toEqual([...new Set(named.flat())])
      }),
    )
  })

  it('had something cached where one of them had', () => {
    const nothing = onInstances(['i-1'], { outcome: 'nothing-cached' })
    expect(mergeParts([nothing, onInstances(['i-2'], { outcome: 'purged' })])).toMatchObject([{ outcome: 'purged' }])
    expect(mergeParts([nothing, nothing])).toMatchObject([{ outcome: 'nothing-cached' }])
  })

  it('of a probe were requested when the first was', () => {
    expect(mergeParts([probe('i-1', 2000), probe('i-2', 1000)])).toMatchObject([{ requestedAt: 1000, instances: [{}, {}] }])
  })

  it('that brought nothing hide nothing that another brought', () => {
    const nothing: Outcome = { id: 'probe:after', label: 'Probe after', outcome: 'no-result', error: 'E', cause: '' }
    expect(mergeParts([probe('i-1', 1), nothing, probe('i-2', 2)])).toMatchObject([{ instances: [{}, {}] }, { outcome: 'no-result' }])
  })

  it('of one layer are no parts of another', () => {
    expect(mergeParts([onInstances(['i-1'], { id: 'a' }), onInstances(['i-1'], { id: 'b' })])).toHaveLength(2)
  })
})
