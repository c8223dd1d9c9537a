// A command that only looks: whatever an instance does, it is told and fails nothing.

import { describe, expect, it } from 'vitest'
import { judgeCommand } from '../../../handlers/confirm-command/core.ts'
import type { NginxFacts } from '../../../layers/nginx-fastcgi/facts.ts'
import type { ConfirmRequest } from '../../../handlers/confirm-command/schema.ts'
import { aConfirmRequest, anInvocation, aPlan, byIds, byTag } from '../factories.ts'

const facts: NginxFacts = {
  action: 'inspected',
  about: 'nginx',
  trusted: false,
  directory: 'present',
  reason: '',
  files: 1,
  bytes: 4096,
  problem: '',
  running: 'yes',
  config: 'valid',
  known: true,
  module: 'fastcgi',
  zones: ['/var/cache/nginx/portal'],
  keys: ['$host$request_uri'],
  openFileCache: false,
  cacheHeader: true,
} // prettier-ignore
const output = `${JSON.stringify(facts)}\n`
const command = aPlan({ target: 'portal', dryRun: true }).commands[1]!
const request = (changes: Partial<ConfirmRequest> = {}, targets = byIds('i-1', 'i-2')): ConfirmRequest =>
  aConfirmRequest({ command: { ...command, targets }, ...changes })
const unheard = 'it did not answer in time: is the instance running, and its SSM agent online?'

describe('an inspection', () => {
  it('that every instance answered brings the facts of each', () => {
    const judgement = judgeCommand(
      request(),
      ['i-1', 'i-2'].map((id) => anInvocation(id, { output })),
    )
    expect(judgement).toMatchObject({
      kind: 'inspected',
      failures: [],
      outcome: {
        id: 'inspect:nginx-fastcgi',
        outcome: 'inspected',
        instances: [
          { instanceId: 'i-1', facts },
          { instanceId: 'i-2', facts },
        ],
      },
    })
  })

  it.each([
    ['was not delivered', { Status: 'Undeliverable', StatusDetails: 'Undeliverable' }, /could not be delivered/],
    ['failed', { Status: 'Failed', StatusDetails: 'Failed' }, /ended as Failed/],
    [
      'printed what another document prints',
      { output: '{"action":"deleted","freedBytes":1,"files":1,"detail":"x"}' },
      /reported no result: is TD-InspectNginx/,
    ],
  ])('that one instance %s has the facts of the other', (_, changes, reason) => {
    const judgement = judgeCommand(request(), [anInvocation('i-1', changes), anInvocation('i-2', { output })])
    expect(judgement).toMatchObject({
      kind: 'inspected',
      failures: [{ instanceId: 'i-1', reason: expect.stringMatching(reason) as string }],
      outcome: { instances: [{ instanceId: 'i-2' }] },
    })
  })

  it('of a tag that matches none says so', () => {
    expect(judgeCommand(request({ poll: { statuses: ['Success'], details: ['NoInstancesInTag'] } }, byTag()), [])).toMatchObject({
      kind: 'inspected',
      failures: [{ instanceId: 'tag:Site=main', reason: 'no instance matches' }],
    })
  })

  it('is waited for while it runs', () => {
    expect(judgeCommand(request(), [anInvocation('i-1', { output }), anInvocation('i-2', { Status: 'InProgress' })]).kind).toBe('pending')
    expect(judgeCommand(request(), [anInvocation('i-1', { output })]).kind).toBe('pending')
  })

  it('that was given up names who had not answered', () => {
    const cancel = { requested: true }
    expect(judgeCommand(request({ cancel }), [anInvocation('i-1', { output })])).toMatchObject({
      kind: 'inspected',
      failures: [{ instanceId: 'i-2', reason: unheard }],
      outcome: { instances: [{ instanceId: 'i-1' }] },
    })
    expect(
      judgeCommand(request({ cancel }), [
        anInvocation('i-1', { output }),
        anInvocation('i-2', { Status: 'Cancelled', StatusDetails: 'Cancelled' }),
      ]),
    ).toMatchObject({ failures: [{ instanceId: 'i-2', reason: unheard }] })
    expect(judgeCommand(request({ cancel }, byTag()), [])).toMatchObject({ failures: [{ instanceId: 'tag:Site=main', reason: unheard }] })
  })
})

it('a probe of a tag that matches none has seen nothing, and leaves it to the layers to fail', () => {
  const probe = { ...command, id: 'probe:before', kind: 'probe' as const, targets: byTag() }
  expect(
    judgeCommand(aConfirmRequest({ command: probe, poll: { statuses: ['Success'], details: ['NoInstancesInTag'] } }), []),
  ).toMatchObject({
    kind: 'probed',
    outcome: { instances: [], unseen: [{ instanceId: 'tag:Site=main' }] },
  })
})
