// A target whose instances are named in three ways at once: a command for each way, and one line a layer in the message.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn'
import { startSystem, type System } from '../../../local/system/system.ts'
import { instanceIdsOf } from '../../../local/instance/instances.ts'
import targets from '../../targets.ts'

let folder: string
let system: System
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'purgeflow-many-'))
  const configFile = join(folder, 'config.json')
  const instances = {
    ids: ['i-0a1b2c3d4e5f60718'],
    tags: [
      { key: 'Site', values: ['portal'] },
      { key: 'Stage', values: ['production'] },
    ],
    autoScalingGroup: 'portal-web',
  }
  await writeFile(
    configFile,
    JSON.stringify({ ...targets, commands: { ...targets.commands, pollSeconds: 5 }, targets: [{ ...targets.targets[0], instances }] }),
  )
  system = await startSystem({ configFile, waitScale: 0.02 })
})
afterAll(async () => {
  await system.close()
  await rm(folder, { recursive: true })
})

const run = async (input: object) => {
  const sfn = new SFNClient({
    region: 'us-east-1',
    endpoint: system.aws.url,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  const machine = system.machines.get('us-east-1')!
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn: machine.arn, input: JSON.stringify(input) }))
  await system.ended(machine.executions.find(({ arn }) => arn === executionArn)!)
  const { status, output = 'null' } = await sfn.send(new DescribeExecutionCommand({ executionArn }))
  return { status, report: JSON.parse(output) as unknown }
}

it('inspects, purges and probes all of them, and says so in one line a layer', async () => {
  const ids = instanceIdsOf(system.config.targets[0]!)
  expect(ids).toHaveLength(3)
  expect(await run({ target: 'portal', dryRun: true })).toMatchObject({
    status: 'SUCCEEDED',
    report: { plan: [{ label: 'W3 Total Cache', instances: 3 }, { label: 'FastCGI', instances: 3 }, {}, {}] },
  })
  system.publish('The copy of many instances.')
  expect(await run({ target: 'portal' })).toMatchObject({
    status: 'SUCCEEDED',
    report: {
      verdict: 'verified',
      layers: [
        { id: 'w3-total-cache', outcome: 'purged', instances: 3 },
        { id: 'nginx-fastcgi', outcome: 'purged', instances: 3 },
      ],
      proof: { findings: expect.arrayContaining([expect.objectContaining({ where: ids.join(', '), verdict: 'fresh' })]) as unknown },
    },
  })
})

it('fails where one part fails, and claims no layer that is half purged', async () => {
  const last = system.aws.instances.find(({ instanceId }) => instanceId === instanceIdsOf(system.config.targets[0]!)[2])!
  last.state = 'undeliverable'
  const { status } = await run({ target: 'portal' })
  last.state = 'online'
  expect(status).toBe('FAILED')
  expect(JSON.stringify(system.slack.messages().at(-1)?.payload)).toMatch(
    /❌ \*W3 Total Cache\*: failed[^]*⚪ \*FastCGI\*: not touched[^]*could not be delivered/,
  )
})
