// The real definition, scripts and sandbox, with fakes for the functions only.

import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadConfig } from '../../../../config/load.ts'
import { createWatcher } from '../../../../handlers/confirm-command/handler.ts'
import type { WatchRequest } from '../../../../handlers/confirm-command/schema.ts'
import { planPurge } from '../../../../handlers/plan-purge/core.ts'
import targets from '../../../targets.ts'
import { startAws, type Aws } from '../../../../local/aws/start-aws.ts'
import type { Instance } from '../../../../local/instance/instance.ts'
import { createInstances } from '../../../../local/instance/instances.ts'
import type { InvokeResult } from '../../../../local/aws/lambda/lambda.ts'
import { documents } from '../../../../ssm/documents.ts'
import { renderDocument } from '../../../../ssm/render.ts'
import { renderPurge } from '../../../../statemachines/purge.ts'
import { region, ssmClient, temporaryFolder } from '../fixtures.ts'

const config = loadConfig(targets)
/** Of the first target, as they are planned; but given up soon. */
const commands = planPurge({ target: 'portal' }, config)
  .commands.filter(({ kind }) => kind === 'purge')
  .map((command) => ({ ...command, waits: [], pollSeconds: 1, maxPolls: 40 }))
const idOf = (name: string): string => documents.find((document) => `${config.commands.documentPrefix}${document.name}` === name)!.id

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let aws: Aws
let portal: Instance
let confirmed: { command: { id: string }; poll?: { statuses: string[] }; cancel?: unknown }[]
beforeEach(async () => {
  folder = await temporaryFolder()
  confirmed = []
  const instances = await createInstances(folder.path, config)
  portal = instances[0]!
  const rendered = Object.fromEntries(
    commands.map(({ document }) => [document, renderDocument(idOf(document), { executionTimeoutSeconds: 60 })]),
  )
  aws = await startAws({ instances, documents: { [region]: rendered } })
})
afterEach(async () => {
  await aws.close()
  await folder.remove()
})

const functions: Record<string, (input: never) => unknown> = {
  plan: () => ({
    proof: null,
    notifiesOnSuccess: true,
    edge: null,
    commands,
  }),
  confirm: (input: (typeof confirmed)[number] | { readonly watch: WatchRequest }) => {
    if ('watch' in input) return createWatcher({ client: ssmClient(aws), milliseconds: 50 })(input.watch)
    confirmed.push(input)
    if (input.poll?.statuses[0] !== 'Success') throw Object.assign(new Error('a layer failed'), { name: 'LayerFailed' })
    return { id: input.command.id }
  },
  notify: (input: object) => ({ text: 'failure' in input ? 'it failed' : 'it is done' }),
}
const invoke = async (arn: string, input: unknown): Promise<InvokeResult> => {
  try {
    return { kind: 'success', payload: await functions[arn.split(':').at(-1)!]!(input as never) }
  } catch (error) {
    return {
      kind: 'function-error',
      error: { errorType: (error as Error).name, errorMessage: (error as Error).message, trace: [] },
    }
  }
}
const arn = (name: string) => `arn:aws:lambda:${region}:000000000000:function:${name}`
const purge = async () => {
  const definition = renderPurge({
    PlanPurgeArn: arn('plan'),
    ConfirmCommandArn: arn('confirm'),
    PurgeCloudflareArn: arn('edge'),
    ProbeEdgeArn: arn('probe'),
    PurgeGroupArn: arn('group'),
    NotifySlackArn: arn('notify'),
  })
  const execution = aws
    .createStateMachine({ region, name: 'purge', definition, invoke, waitScale: 0.1 })
    .start(undefined, '{"target":"portal"}')
  return execution.run.ended
}
const nginxCache = () => readdir(join(portal.root, 'var/cache/nginx/portal'))

test('purges the layers in order, on the instance itself', async () => {
  expect(await purge()).toEqual({ status: 'SUCCEEDED', output: '{"text":"it is done"}' })
  expect(confirmed.map(({ command: { id } }) => id)).toEqual(commands.map(({ id }) => id))
  expect(await nginxCache()).toEqual([])
  expect(await readdir(join(portal.root, 'var/www/portal/wp-content/cache/page_enhanced'))).toEqual([])
})

test('polls again when Run Command does not show the command yet', async () => {
  aws.faults.emptyLists = 2
  expect(await purge()).toMatchObject({ status: 'SUCCEEDED' })
})

test('leaves the outer layer alone when the inner one has failed', async () => {
  await writeFile(join(portal.root, 'usr/local/bin/wp'), '#!/bin/sh\necho "Error: no" >&2\nexit 1\n')
  expect(await purge()).toEqual({ status: 'FAILED', error: 'PurgeFailed', cause: 'it failed' })
  expect(confirmed.map(({ command: { id } }) => id)).toEqual([commands[0]!.id])
  expect((await nginxCache()).length).toBeGreaterThan(0)
})

test('cancels a command that never ends', async () => {
  portal.state = 'hanging'
  expect(await purge()).toMatchObject({ status: 'FAILED', error: 'PurgeFailed' })
  expect(confirmed).toMatchObject([{ poll: { statuses: ['InProgress'] }, cancel: { requested: true } }])
})
