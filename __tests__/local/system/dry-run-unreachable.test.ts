// A dry run where nothing comes back from an instance. Its commands are given up after eight polls, which would be too few for a script
// that runs on a busy machine: so these tests have a system of their own.

import { describe, expect, it } from 'vitest'
import targets from '../../targets.ts'
import { askDryRun } from './ask-dry-run.ts'
import { shareSystem } from './share-system.ts'

const shared = shareSystem(
  {
    ...targets,
    commands: { ...targets.commands, deliveryTimeoutSeconds: 30, executionTimeoutSeconds: 30, pollSeconds: 15 },
  },
  0.005,
)
const { system } = shared

describe('a dry run finds', () => {
  it.each([
    ['offline', 'it did not answer in time: is the instance running'],
    ['hanging', 'it did not answer in time'],
    ['undeliverable', 'could not be delivered'],
    ['access-denied', 'access denied'],
  ] as const)('an instance that is %s, and all the rest nevertheless', async (state, words) => {
    system().aws.instances.find(({ instanceId }) => instanceId === 'i-0a1b2c3d4e5f60718')!.state = state
    const { outcome, findings, plan } = await askDryRun(shared)
    expect(outcome).toBe('problems')
    expect(findings.filter(({ level }) => level === 'problem')).toEqual([
      { level: 'problem', about: 'Instances', where: [], words: expect.stringContaining(words) as string },
    ])
    expect(findings).toContainEqual({
      level: 'ok',
      about: 'Cloudflare',
      where: [],
      words: expect.stringContaining('may purge the zone') as string,
    })
    expect(plan[0]).toMatchObject({ instances: 0 })
  })
})
