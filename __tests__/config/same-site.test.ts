import { describe, expect, it } from 'vitest'
import { siblingsOf } from '../../config/same-site.ts'
import { planPurge } from '../../handlers/plan-purge/core.ts'
import { aConfig, aConfigInput, anEdgelessTarget, aTarget, errorsOf } from './a-config.ts'

const config = aConfig({
  groups: { both: ['portal', 'main'] },
  targets: [
    aTarget(),
    anEdgelessTarget({ sameSiteAs: ['portal'] }),
    anEdgelessTarget({ id: 'staging', label: 'Staging', sameSiteAs: ['main'] }),
    aTarget({ id: 'other' }),
  ],
})
const notes = (request: object) => planPurge(request, config).notes

describe('targets of one site', () => {
  it.each([
    ['portal', ['main', 'staging']],
    ['main', ['portal', 'staging']],
    ['staging', ['portal', 'main']],
    ['other', []],
  ])('of %s are %j, whoever says so', (id, expected) => {
    expect(siblingsOf(config, { id }).map((target) => target.id)).toEqual(expected)
  })

  it('that were not purged are told', () => {
    expect(notes({ target: 'staging' })).toEqual([
      'TD Portal (portal, us-east-1) serves the same site and was not purged: readers there may get the old copy',
      'TD Main Site (main, eu-west-1) serves the same site and was not purged: readers there may get the old copy',
    ])
    expect(notes({ target: 'other' })).toEqual([])
  })

  it('that the same group purges are not', () => {
    expect(notes({ target: 'portal', group: { share: 1, members: ['portal', 'main'] } })).toEqual([
      expect.stringMatching(/^Staging \(staging, eu-west-1\)/),
    ])
  })

  it.each([
    [['mian'], 'targets.portal.sameSiteAs[0]: there is no target "mian" (portal, main)'],
    [['portal'], 'targets.portal.sameSiteAs[0]: portal is this target itself'],
    [['main', 'main'], 'targets.portal.sameSiteAs[1]: main is named already'],
  ])('are not %j', (sameSiteAs, message) => {
    expect(errorsOf(aConfigInput({ targets: [aTarget({ sameSiteAs }), anEdgelessTarget()] }))).toEqual([message])
  })
})
