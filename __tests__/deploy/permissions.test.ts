// The check that refuses what a deployed policy does not allow is itself checked: without it a missing permission would go unseen.

import { describe, expect, it } from 'vitest'
import { isAllowed } from './permissions.ts'

const document = {
  Effect: 'Allow',
  Action: ['ssm:SendCommand'],
  Resource: ['arn:aws:ssm:us-east-1:123456789012:document/TD-PurgeW3'],
} as const
const tagged = {
  Effect: 'Allow',
  Action: ['ssm:SendCommand'],
  Resource: ['arn:aws:ec2:us-east-1:123456789012:instance/*'],
  Condition: { StringEquals: { 'ssm:resourceTag/Site': ['main'] } },
} as const
const needed = { action: 'ssm:SendCommand', resource: document.Resource[0] }
const instance = { action: 'ssm:SendCommand', resource: 'arn:aws:ec2:us-east-1:123456789012:instance/i-1' }

describe('a call of a deployed role', () => {
  it('is allowed by a statement with its action and its resource', () => {
    expect(isAllowed([tagged, document], needed)).toBe(true)
  })

  it.each([
    ['another action', [{ ...document, Action: ['ssm:GetDocument'] }]],
    ['another resource', [{ ...document, Resource: [`${document.Resource[0]}2`] }]],
    ['no statement', []],
    ['a statement that denies', [{ ...document, Effect: 'Deny' as const }]],
  ])('is refused with %s', (_, statements) => {
    expect(isAllowed(statements, needed)).toBe(false)
  })

  it('is allowed on an instance by its tag alone', () => {
    expect(isAllowed([tagged], { ...instance, tags: { Site: 'main' } })).toBe(true)
    expect(isAllowed([tagged], { ...instance, tags: { Site: 'portal' } })).toBe(false)
    expect(isAllowed([tagged], instance)).toBe(false)
  })
})
