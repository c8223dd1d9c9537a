// Several targets in one command, in two regions: side by side, and one message.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { signedSlashCommand, slashCommandForm } from '../../../local/slack/client.ts'
import { startSystem, type System } from '../../../local/system/system.ts'
import targets from '../../targets.ts'

let folder: string
let system: System
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'purgeflow-group-'))
  const configFile = join(folder, 'config.json')
  const [portal, main] = targets.targets
  await writeFile(
    configFile,
    JSON.stringify({ ...targets, groups: { all: ['portal', 'main'] }, targets: [portal, { ...main, region: 'eu-west-1' }] }),
  )
  system = await startSystem({ configFile, waitScale: 0.05 })
})
afterAll(async () => {
  await system.close()
  await rm(folder, { recursive: true })
})

const textOf = (index: number): string => JSON.stringify(system.slack.messages().at(index)?.payload)
const home = () => system.machines.get('us-east-1')!

const byHand = async (input: object) => {
  const sfn = new SFNClient({
    region: 'us-east-1',
    endpoint: system.aws.url,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn: home().arn, input: JSON.stringify(input) }))
  await system.ended(home().executions.find(({ arn }) => arn === executionArn)!)
  const { status, output = 'null' } = await sfn.send(new DescribeExecutionCommand({ executionArn }))
  return { status, report: JSON.parse(output) as unknown }
}

it('a group in Slack purges every target in its region and ends with one message', async () => {
  system.publish('The copy of a group.')
  const form = slashCommandForm({ text: 'all', channel_id: 'C0123456789' })
  const { body } = await signedSlashCommand({ url: system.slackUrl, signingSecret: system.signingSecret, form })
  expect(body).toContain('is clearing the caches of 2 targets side by side: *TD Portal*, *TD Main Site*')
  await system.ended(home().executions.find(({ name }) => name.startsWith('slack-group-'))!)
  for (const region of ['us-east-1', 'eu-west-1'])
    expect(system.machines.get(region)!.executions.filter(({ name }) => name.startsWith('group-'))).toHaveLength(1)
  expect(system.slack.messages()).toHaveLength(1)
  expect(system.slack.messages()[0]?.accepted).toBe(true)
  expect(textOf(0)).toMatch(
    /all: 2 targets cleared and verified[^]*TD Portal: caches cleared and verified[^]*TD Main Site: caches cleared and verified/,
  )
  expect(system.cloudflare.requests().filter(({ accepted }) => accepted)).toHaveLength(2)
})

it('several names by hand do the same, as a dry run, too', async () => {
  const before = system.slack.messages().length
  expect(await byHand({ target: 'main portal', dryRun: true })).toMatchObject({
    status: 'SUCCEEDED',
    report: { group: true, members: [{ id: 'main', ending: { verdict: 'done' } }, { id: 'portal' }] },
  })
  expect(textOf(-1)).toMatch(/TD Main Site: dry run, nothing was deleted[^]*TD Portal: dry run, nothing was deleted/)
  expect(system.slack.messages()).toHaveLength(before + 1)
})

it('one target that fails leaves the others alone, and the group fails with its reason', async () => {
  const before = system.slack.messages().length
  const [instance] = system.aws.instances
  instance!.state = 'undeliverable'
  const { status } = await byHand({ target: 'all' })
  instance!.state = 'online'
  expect(status).toBe('FAILED')
  expect(system.slack.messages()).toHaveLength(before + 1)
  expect(textOf(-1)).toMatch(
    /all: 1 of 2 targets failed[^]*TD Portal: purge failed \(W3 Total Cache failed on 1 instance[^]*TD Main Site: caches cleared/,
  )
})
