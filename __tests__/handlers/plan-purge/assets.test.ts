import { describe, expect, it } from 'vitest'
import { planPurge } from '../../../handlers/plan-purge/core.ts'
import { Plan } from '../../../statemachines/data/plan.ts'
import { aConfig, anEdge, aTarget } from '../../config/a-config.ts'
import { anAssetConfig, anAssetTarget } from '../intake-s3/fixtures.ts'

const url = 'https://assets.example.com/a'
const plan = (request: object, config = anAssetConfig()) => Plan.parse(planPurge({ target: 'assets', ...request }, config))

describe('a purge that a bucket asked for', () => {
  it('touches no layer, and sends its URLs in batches as they were given', () => {
    const config = aConfig({ targets: [{ ...aTarget(), id: 'assets', edge: anEdge({ batchSize: 2 }), bucket: anAssetTarget().bucket }] })
    const withOrigin = { url, headers: { Origin: 'https://www.example.com' } }
    expect(plan({ source: 's3', urls: [url, withOrigin, `${url}?b`] }, config)).toMatchObject({
      commands: [],
      edge: { pending: [{ files: [url, withOrigin] }, { files: [`${url}?b`] }], patient: true, share: 1 / 8 },
    })
  })

  it('is quiet, but for one of more URLs than configured', () => {
    const urls = [url, `${url}b`]
    expect(plan({ source: 's3', urls }).notifiesOnSuccess).toBe(false)
    expect(plan({ source: 's3', urls }, anAssetConfig({ notifyAbove: 2 })).notifiesOnSuccess).toBe(false)
    expect(plan({ source: 's3', urls }, anAssetConfig({ notifyAbove: 1 })).notifiesOnSuccess).toBe(true)
    expect(
      plan({ source: 's3', prefixes: [{ prefix: 'assets.example.com/img/', insteadOf: 2 }] }, anAssetConfig({ notifyAbove: 1 }))
        .notifiesOnSuccess,
    ).toBe(true)
  })

  it('may be repeated by hand, and then says how it ended and gives up soon', () => {
    expect(plan({ urls: [url] })).toMatchObject({ source: 'manual', notifiesOnSuccess: true, edge: { patient: false, share: 1 } })
  })

  it.each([
    ['another host', { source: 's3', urls: ['https://www.example.com/'] }, 'every URL must be on assets.example.com'],
    ['another port', { source: 's3', urls: ['https://assets.example.com:8443/'] }, 'every URL must be on'],
    ['a host with a dot too many', { source: 's3', urls: ['https://assets.example.com.evil.example/'] }, 'every URL must be on'],
    ['a host as a user name', { source: 's3', urls: ['https://assets.example.com@evil.example/'] }, 'every URL must be on'],
    ['another protocol', { source: 's3', urls: ['ftp://assets.example.com/'] }, 'every URL must be on'],
    ['no URL at all', { source: 's3', urls: ['a'] }, 'every URL must be on'],
    ['a prefix of another host', { source: 's3', prefixes: [{ prefix: 'www.example.com/', insteadOf: 9 }] }, 'every URL must be on'],
    ['nothing', { source: 's3', urls: [] }, 'there is nothing to purge in it'],
    ['no list', { source: 's3' }, 'it names neither urls nor prefixes'],
  ])('is refused for %s', (_name, request, words) => {
    expect(() => plan(request)).toThrow(words)
  })

  it('is refused where the target has no bucket', () => {
    expect(() => planPurge({ target: 'portal', source: 's3', urls: [url] }, aConfig())).toThrow('the target has no bucket')
  })
})

describe('a command for a target with a bucket and without instances', () => {
  it('purges its edge as configured, and says how it ended', () => {
    expect(plan({ source: 'slack', requester: 'U2CERLKJA' })).toMatchObject({
      commands: [],
      notifiesOnSuccess: true,
      notes: [],
      edge: { pending: [{ hosts: ['portal.example.com'] }], patient: false },
    })
  })
})
