import { describe, expect, it } from 'vitest'
import { describeFailures, type Invocation, judgeCommand } from '../../../handlers/confirm-command/core.ts'
import { LayerOutcome } from '../../../statemachines/data/outcome.ts'
import { aConfirmRequest, anInvocation, aPlannedCommand, aScriptLine, byIds, byTag, noon } from '../factories.ts'

const tagged = aConfirmRequest({ command: aPlannedCommand({ targets: byTag() }) })
const oneOf = (...ids: string[]) => aConfirmRequest({ command: aPlannedCommand({ targets: byIds(...ids) }) })

const failuresOf = (invocations: Invocation[], request = tagged) => {
  const judgement = judgeCommand(request, invocations)
  if (judgement.kind !== 'failed') throw new Error(`it is ${JSON.stringify(judgement)}`)
  return judgement.failures
}
const outcomeOf = (invocations: Invocation[], request = tagged) => {
  const judgement = judgeCommand(request, invocations)
  if (judgement.kind !== 'purged') throw new Error(`it is ${JSON.stringify(judgement)}`)
  expect(LayerOutcome.parse(judgement.outcome)).toEqual(judgement.outcome)
  return judgement.outcome
}

describe('a layer is purged', () => {
  it('when every instance says so; bytes, files and time are summed up over all of them', () => {
    const later = { CommandPlugins: [{ Output: aScriptLine({ freedBytes: 1, files: 2 }), ResponseFinishDateTime: new Date(noon + 7500) }] }
    const outcome = outcomeOf([anInvocation('i-1'), anInvocation('i-2', { ...later, RequestedDateTime: new Date(noon - 500) })])
    expect(outcome).toMatchObject({ id: 'nginx-fastcgi', label: 'FastCGI', outcome: 'purged', freedBytes: 2049, files: 5, seconds: 8 })
    expect(outcome.instances.map(({ instanceId }) => instanceId)).toEqual(['i-1', 'i-2'])
  })

  it('although another instance had nothing cached', () => {
    expect(
      outcomeOf([anInvocation('i-1', { output: aScriptLine({ action: 'empty', freedBytes: 0, files: 0 }) }), anInvocation('i-2')]).outcome,
    ).toBe('purged')
  })

  it('with a note when nothing was cached anywhere', () => {
    const outputs = ['empty', 'absent'].map((action) => aScriptLine({ action, freedBytes: 0, files: 0 }))
    expect(outcomeOf(outputs.map((output, index) => anInvocation(`i-${index}`, { output }))).outcome).toBe('nothing-cached')
  })

  it('when the command was cancelled too late to matter', () => {
    expect(outcomeOf([anInvocation('i-1')], { ...tagged, cancel: { requested: true } }).outcome).toBe('purged')
  })

  it('without a count where its instances are named', () => {
    const { command, sent } = oneOf('i-1')
    expect(outcomeOf([anInvocation('i-1')], { command, sent }).outcome).toBe('purged')
  })

  it('in no time where Run Command gives none', () => {
    const { InstanceId, Status, StatusDetails } = anInvocation('i-1')
    expect(outcomeOf([{ InstanceId, Status, StatusDetails, CommandPlugins: [{ Output: aScriptLine() }] }]).seconds).toBe(0)
  })

  it('when the script wrote more lines before its result, also to stderr', () => {
    expect(outcomeOf([anInvocation('i-1', { output: `starting\n{"action":"none"}\n${aScriptLine()}` })]).files).toBe(3)
    // SSM Agent puts stderr behind stdout in the output of a plugin.
    expect(outcomeOf([anInvocation('i-1', { output: `${aScriptLine()}\n----------ERROR-------\nPHP Warning: something\n` })]).files).toBe(3)
  })
})

describe('a layer is not judged yet', () => {
  it.each([
    ['there is no invocation yet', tagged, [], 'tag:Site=main'],
    ['there is no invocation of an instance that was named', oneOf('i-1', 'i-2'), [anInvocation('i-1')], 'i-2'],
    [
      'fewer instances of a tag answered than Run Command found',
      { ...tagged, poll: { statuses: ['Success'], details: ['Success'], targetCounts: [3] } },
      [anInvocation('i-1')],
      '2 more of tag:Site=main',
    ],
    [
      'an instance is still at work',
      tagged,
      [anInvocation('i-1'), anInvocation('i-2', { Status: 'InProgress', StatusDetails: 'InProgress' })],
      'i-2',
    ],
    ['an instance is being cancelled', tagged, [anInvocation('i-2', { Status: 'Cancelling', StatusDetails: 'Cancelling' })], 'i-2'],
    ['an instance is delayed', tagged, [anInvocation('i-2', { Status: 'Delayed', StatusDetails: 'Delayed' })], 'i-2'],
  ])('while %s', (_name, request, invocations, waitingFor) => {
    expect(judgeCommand(request, invocations)).toEqual({ kind: 'pending', reason: `Run Command shows no final state for ${waitingFor}` })
  })

  it('while Run Command has not said how many instances the tag has', () => {
    const { command, sent } = tagged
    const reason = 'Run Command has not said how many instances tag:Site=main has, so those that it shows may not be all'
    expect(judgeCommand({ command, sent }, [anInvocation('i-1')])).toEqual({ kind: 'pending', reason })
  })

  it('but what has failed already is said', () => {
    const judgement = judgeCommand(oneOf('i-1', 'i-2'), [anInvocation('i-1', { Status: 'Failed', StatusDetails: 'Failed' })])
    expect(judgement).toMatchObject({ kind: 'pending', reason: expect.stringMatching(/i-2; i-1: the script ended as Failed/) as string })
  })
})

describe('a layer has failed', () => {
  it('when the tag matches no instance, which Run Command calls a success', () => {
    const request = { ...tagged, poll: { statuses: ['Success'], details: ['NoInstancesInTag'] } }
    expect(failuresOf([], request)).toEqual([
      { instanceId: 'tag:Site=main', reason: 'no instance matches, so nothing was purged', ran: false },
    ])
  })

  it.each([
    ['Undeliverable', 'Undeliverable', /could not be delivered/, false],
    ['TimedOut', 'DeliveryTimedOut', /did not pick the command up/, false],
    ['TimedOut', 'Delivery Timed Out', /did not pick the command up/, false],
    ['TimedOut', 'ExecutionTimedOut', /did not end in time/, true],
    ['TimedOut', 'Execution Timed Out', /did not end in time/, true],
    ['Failed', 'AccessDenied', /access denied/, false],
    ['Failed', 'InvalidPlatform', /platform/, false],
    ['Failed', 'Failed', /the script ended as Failed/, true],
    ['Cancelled', 'Cancelled', /cancelled before it ended/, true],
    ['Cancelled', 'Terminated', /not sent/, false],
    ['Failed', '', /the script ended as Failed/, true],
    ['Failed', 'RateExceeded', /too many requests/, false],
    ['Failed', 'Rate Exceeded', /purge again in a minute/, false],
    ['Rebooting', 'SomethingNew', /SomethingNew/, false],
  ])('when one instance among successes is %s (%s)', (Status, StatusDetails, reason, ran) => {
    const failures = failuresOf([anInvocation('i-1'), anInvocation('i-2', { Status, StatusDetails }), anInvocation('i-3')])
    expect(failures).toEqual([{ instanceId: 'i-2', reason: expect.stringMatching(reason) as string, ran }])
  })

  it.each([
    ['nothing', ''],
    ['a result without a number', aScriptLine({ files: 'many' })],
    ['a negative number', aScriptLine({ freedBytes: -1 })],
    ['an unknown action', aScriptLine({ action: 'verified' })],
    ['a result that Run Command cut', `${aScriptLine().slice(0, -20)}\n---Output truncated---`],
    ['a result only in stderr', `\n----------ERROR-------\n${aScriptLine()}`],
  ])('when an instance succeeded and said %s', (_name, output) => {
    expect(failuresOf([anInvocation('i-1', { output })])).toEqual([
      { instanceId: 'i-1', reason: expect.stringMatching(/reported no result: is TD-PurgeFastCGI the document/) as string, ran: true },
    ])
  })

  it.each([
    ['no JSON', 'done\n', 'done'],
    ['a result that is not the last line', `${aScriptLine()}bye\n`, 'bye'],
    ['JSON that is no object', 'null\n', 'null'],
    [
      'why the agent of a Windows instance skipped it',
      'Step execution skipped due to unsupported platform: windows\n',
      'Step execution skipped due to unsupported platform: windows',
    ],
  ])('when an instance succeeded and said %s, with that instead of a guess', (_name, output, agentText) => {
    expect(failuresOf([anInvocation('i-1', { output })])).toEqual([
      { instanceId: 'i-1', reason: 'the script reported no result', ran: true, agentText },
    ])
  })
})

describe('the words of a failure', () => {
  const failure = (index: number, stderr = '') => ({ instanceId: `i-${index}`, reason: 'the script ended as Failed', ran: true, stderr })

  it('say where, why, and how the stderr ended', () => {
    expect(describeFailures('FastCGI', [failure(1, `${'x'.repeat(700)}\nrm: cannot remove\n`)], false)).toMatch(
      /^FastCGI failed on 1 instance\.\ni-1: the script ended as Failed:\nx+\nrm: cannot remove$/,
    )
  })

  it('cut a long stderr at its beginning', () => {
    const words = describeFailures('FastCGI', [failure(1, `first ${'x'.repeat(8000)} last`)], false)
    expect(words).not.toContain('first')
    expect(words).toContain('last')
  })

  it('name five instances and count the others, within 4,000 characters', () => {
    const words = describeFailures(
      'FastCGI',
      Array.from({ length: 7 }, (_, index) => failure(index, 'e'.repeat(8000))),
      false,
    )
    expect(words).toMatch(/^FastCGI failed on 7 instances\.\ni-0:/)
    expect(words.match(/^i-\d/gm)).toEqual(['i-0', 'i-1', 'i-2', 'i-3', 'i-4'])
    expect(words).toMatch(/… and 2 more instances$/)
    expect(words.length).toBeLessThanOrEqual(4000)
  })

  it('count one other instance in the singular', () => {
    expect(
      describeFailures(
        'FastCGI',
        Array.from({ length: 6 }, (_, index) => failure(index)),
        false,
      ),
    ).toMatch(/… and 1 more instance$/)
  })

  it('say that the command was cancelled', () => {
    expect(describeFailures('FastCGI', [failure(1)], true)).toMatch(/^FastCGI did not end in time and was cancelled/)
  })
})
