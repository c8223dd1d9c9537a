import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Instances, selectorsOf } from '../../config/instances.ts'
import { planPurge } from '../../handlers/plan-purge/core.ts'
import { aConfig, aConfigInput, aTarget, errorsOf } from './a-config.ts'

const site = { key: 'Site', values: ['main', 'shop'] }
const stage = { key: 'Stage', values: ['production'] }
const idOf = (index: number): string => `i-${index.toString(16).padStart(17, '0')}`
const errors = (instances: object) => errorsOf(aConfigInput({ targets: [aTarget({ instances })] }))

describe('the instances of a target', () => {
  it('may be named by two tags, by an Auto Scaling group, and by ids and a tag together', () => {
    expect(errors({ tags: [site, stage] })).toEqual([])
    expect(errors({ autoScalingGroup: 'web' })).toEqual([])
    expect(errors({ ids: [idOf(1)], tag: site, tags: [site, stage], autoScalingGroup: 'web' })).toEqual([])
  })

  it.each([
    [{}, 'targets.portal.instances: names none: give one or more of ids, tag, tags, autoScalingGroup'],
    [{ tags: [site] }, 'targets.portal.instances.tags: must have at least 2 entries'],
    [{ autoScaling: 'web' }, 'targets.portal.instances.autoScaling: is not known here: did you mean autoScalingGroup?'],
    [{ tag: { key: 'Site', value: 'main' } }, 'targets.portal.instances.tag.value: is not known here: did you mean values?'],
  ])('are not %j', (instances, message) => {
    expect(errors(instances)).toContain(message)
  })

  it('named in several ways count together, each way as one command can take it', () => {
    expect(selectorsOf({ ids: [idOf(1), idOf(1)], tag: site, tags: [site, stage], autoScalingGroup: 'web' })).toEqual([
      { ids: [idOf(1)] },
      { tags: [site] },
      { tags: [{ key: 'aws:autoscaling:groupName', values: ['web'] }] },
      { tags: [site, stage] },
    ])
  })
})

describe('the commands of a plan', () => {
  const plan = (instances: Instances) =>
    planPurge(
      { target: 'portal' },
      aConfig({
        commands: { documentPrefix: 'TD-', pollSeconds: 10 },
        targets: [aTarget({ instances, probes: { urls: ['https://portal.example.com/'] } })],
      }),
    ).commands

  it('reach every id once a layer, fifty at a time, and end a layer before the next begins', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.boolean(), (count, tagged) => {
        const ids = Array.from({ length: count }, (_, index) => idOf(index))
        const commands = plan({ ids, ...(tagged ? { tag: site } : {}) })
        const layers = [...new Set(commands.map(({ id }) => id))]
        expect(commands.map(({ id }) => layers.indexOf(id))).toEqual(commands.map(({ id }) => layers.indexOf(id)).sort((a, b) => a - b))
        for (const layer of layers) {
          const own = commands.filter(({ id }) => id === layer)
          expect(own.flatMap(({ targets }) => targets).flatMap(({ Key, Values }) => (Key === 'InstanceIds' ? Values : []))).toEqual(ids)
          expect(own.map(({ part }) => part)).toEqual(own.map((_, index) => ({ index: index + 1, of: own.length })))
          for (const { targets } of own) for (const { Values } of targets) expect(Values.length).toBeLessThanOrEqual(50)
        }
      }),
    )
  })

  it('want all of two tags', () => {
    expect(plan({ tags: [site, stage] })[0]?.targets).toEqual([
      { Key: 'tag:Site', Values: ['main', 'shop'] },
      { Key: 'tag:Stage', Values: ['production'] },
    ])
  })
})

it('more commands than an execution can poll are refused before the deployment', () => {
  const instances = { ids: Array.from({ length: 51 }, (_, index) => idOf(index)), tag: site, autoScalingGroup: 'web' }
  const probes = { urls: ['https://portal.example.com/'] }
  expect(errorsOf(aConfigInput({ targets: [aTarget({ instances, probes })] }))).toEqual([
    expect.stringMatching(/^commands\.executionTimeoutSeconds: 28 commands that may take 420 s each could exceed/),
  ])
})
