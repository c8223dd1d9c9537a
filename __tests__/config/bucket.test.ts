import { describe, expect, it } from 'vitest'
import { aConfigInput, aTarget, errorsOf, type TargetInput } from './a-config.ts'
import { anAssetTarget } from '../handlers/intake-s3/fixtures.ts'

type Bucket = Partial<NonNullable<TargetInput['bucket']>>

const errorsOfTargets = (...targets: unknown[]): string[] => errorsOf({ ...aConfigInput(), targets })
const errorsOfBucket = (bucket: Bucket | Record<string, unknown>): string[] =>
  errorsOfTargets({ ...anAssetTarget(), bucket: { ...anAssetTarget().bucket, ...bucket } })
const without = (target: object, ...keys: string[]): unknown =>
  Object.fromEntries(Object.entries(target).filter(([key]) => !keys.includes(key)))

describe('a target with a bucket', () => {
  it('needs neither instances nor layers, and may have them', () => {
    expect(errorsOfTargets(anAssetTarget(), aTarget({ bucket: anAssetTarget().bucket! }))).toEqual([])
  })

  it('needs an edge', () => {
    expect(errorsOfTargets(without(anAssetTarget(), 'edge'))).toEqual([
      "targets.assets.edge: is missing: the bucket's objects are purged there",
    ])
  })

  it('may say everything that there is to say', () => {
    expect(
      errorsOfBucket({
        prefix: 'img/',
        rewrite: [{ from: 'img/', to: '' }],
        indexDocument: 'index.html',
        include: ['JPG'],
        exclude: ['tar.gz'],
        variants: { schemes: ['http', 'https'], origins: ['https://www.example.com'] },
        prefixPurges: [{ prefix: 'x/', moreThan: 9 }],
        notifyAbove: 0,
      }),
    ).toEqual([])
  })

  it.each([
    ['name', { name: 'Not A Bucket' }],
    ['name', { name: '192.168.0.1' }],
    ['attach', { attach: undefined }],
    ['attach', { attach: 'lambda' }],
    ['hosts', { hosts: [] }],
    ['hosts[0]', { hosts: ['https://assets.example.com'] }],
    ['prefix', { prefix: '/img' }],
    ['prefix', { prefix: 'a/../b' }],
    ['rewrite[0].to', { rewrite: [{ from: 'a', to: '/b' }] }],
    ['indexDocument', { indexDocument: 'a/index.html' }],
    ['include[0]', { include: ['.jpg'] }],
    ['exclude', { exclude: [] }],
    ['variants.schemes[0]', { variants: { schemes: ['ftp'] } }],
    ['variants.origins[0]', { variants: { origins: ['https://www.example.com/'] } }],
    ['prefixPurges[0].prefix', { prefixPurges: [{ prefix: '', moreThan: 9 }] }],
    ['prefixPurges[0].moreThan', { prefixPurges: [{ prefix: 'a', moreThan: 0 }] }],
    ['notifyAbove', { notifyAbove: -1 }],
  ])('is refused for its %s: %j', (path, bucket) => {
    expect(errorsOfBucket(bucket)).toEqual([
      expect.stringMatching(new RegExp(`^targets\\.assets\\.bucket\\.${path.replace(/[[\].]/g, '\\$&')}: `)),
    ])
  })
})

describe('a bucket of two targets', () => {
  it('lies in one region, and is attached in one way', () => {
    expect(errorsOfTargets(anAssetTarget({ attach: 'external' }), anAssetTarget({}, { id: 'b', region: 'eu-west-1' }))).toEqual([
      'targets.b.region: the bucket acme-assets belongs to another target in us-east-1, and lies in one region',
      'targets.b.bucket.attach: another target attaches the bucket acme-assets by external: use the same',
    ])
  })
})

describe('a target', () => {
  it.each([
    ['layers', without(aTarget(), 'layers'), 'without layers there is nothing to do on the instances'],
    ['instances', without(aTarget(), 'instances'), 'layers lie on instances'],
    ['layers', without(aTarget(), 'layers', 'instances'), 'a target has layers on instances, or a bucket'],
  ])('without its %s is refused', (path, target, words) => {
    expect(errorsOfTargets(target)).toEqual([`targets.portal.${path}: is missing: ${words}`])
  })
})

it.each([
  ['batchWindowSeconds', 0],
  ['batchWindowSeconds', 301],
  ['maxConcurrency', 1],
  ['maxConcurrency', 11],
])('intake.%s of %d is refused', (key, value) => {
  expect(errorsOf({ ...aConfigInput(), intake: { [key]: value } })).toEqual([expect.stringContaining(`intake.${key}: `)])
})
