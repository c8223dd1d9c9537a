import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isInGroup, renderGroup, reportGroup } from '../../../handlers/notify-slack/group.ts'
import { planPurge } from '../../../handlers/plan-purge/core.ts'
import { Blocks } from '../../../local/slack/blocks.ts'
import type { GroupMember } from '../../../statemachines/data/group.ts'
import { aConfig } from '../../config/a-config.ts'

const plan = planPurge({ target: 'all', requester: 'U2CERLKJA', source: 'slack' }, aConfig({ groups: { all: ['portal', 'main'] } }))
const ending = { executionArn: 'arn:aws:states:us-east-1:123456789012:execution:acme-purge:slack-group-1', seconds: 9, failure: null }
const member = (verdict: 'verified' | 'unproven' | 'failed' | 'done' | null, said = 'Portal: said'): GroupMember => ({
  id: 'portal',
  label: 'Portal',
  region: 'eu-west-1',
  executionArn: 'arn:aws:states:eu-west-1:123456789012:execution:acme-purge:group-portal-1',
  ending: verdict && { verdict, said },
})
const report = (members: GroupMember[], failure: string | null = null) =>
  reportGroup(plan, { ...plan.group!, members }, { ...ending, failure })

describe('the message of a group', () => {
  it('has a title, a line a target with its execution, and who asked', () => {
    const { summary, payload } = renderGroup(report([member('verified', 'Portal: well'), member('failed', 'Main: purge failed (no disk)')]))
    expect(summary).toMatch(
      /^all: 1 of 2 targets failed\n✅ Portal: well\n❌ Main: purge failed \(no disk\)\nAsked by U2CERLKJA from Slack · 9\.0 s/,
    )
    expect(JSON.stringify(payload.blocks)).toContain('✅ Portal: well <https://eu-west-1.console.aws.amazon.com/')
  })

  it.each([
    [['verified', 'verified'], 'verified', 'all: 2 targets cleared and verified'],
    [['verified', 'unproven'], 'unproven', 'all: 2 targets cleared, not all proven'],
    [['unproven', 'failed'], 'failed', 'all: 1 of 2 targets failed'],
    [['done', 'done'], 'done', 'all: 2 targets ended'],
  ] as const)('of %j has the worst verdict, %s', (verdicts, verdict, title) => {
    const findings = report(verdicts.map((each) => member(each)))
    expect(findings.verdict).toBe(verdict)
    expect(renderGroup(findings).summary.split('\n')[0]).toBe(title)
  })

  it('says of a group that was stopped what is not known', () => {
    const findings = report([member('verified'), member(null)], 'The execution was stopped.')
    expect(findings.verdict).toBe('failed')
    expect(renderGroup(findings).summary).toMatch(
      /^all: not followed to the end\n✅ Portal: said\n⚪ Portal: its own execution may still run, and ends without a message\nReason: The execution was stopped\./,
    )
  })

  it('fits for any words and as many targets as a config has', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 300, unit: 'grapheme' }), { minLength: 2, maxLength: 100 }), (words) => {
        const { payload } = renderGroup(report(words.map((said) => member('failed', said))))
        expect(Blocks.safeParse(payload.blocks).error).toBeUndefined()
      }),
    )
  })
})

it('only a target that a group started is told by the group', () => {
  expect(isInGroup({ target: 'portal', group: { share: 1 } })).toBe(true)
  for (const request of [undefined, 'group', { target: 'portal' }, { group: null }]) expect(isInGroup(request)).toBe(false)
})
