import { describe, expect, it } from 'vitest'
import { checkConfig } from '../../config/read.ts'
import { config } from './config.ts'
import { synthesizeText } from './synthesized.ts'

const backendOf = (overrides: Parameters<typeof config>[0]): unknown =>
  (JSON.parse(synthesizeText(config(overrides))) as { terraform: { backend: unknown } }).terraform.backend
const bucket = { bucket: 'acme-terraform-state', region: 'eu-central-1' }

describe("Terraform's state", () => {
  it('lies in an existing bucket, encrypted and locked, under the name of the deployment', () => {
    expect(backendOf({ state: bucket })).toEqual({ s3: { ...bucket, key: 'acme/terraform.tfstate', encrypt: true, use_lockfile: true } })
  })

  it('lies under another key where the operator says so', () => {
    expect(backendOf({ state: { ...bucket, key: 'infra/purge.tfstate' } })).toMatchObject({ s3: { key: 'infra/purge.tfstate' } })
  })

  it('goes nowhere without one: cdktf then keeps it in a local file', () => {
    expect(backendOf({})).toBeUndefined()
  })

  it.each([
    ['a bucket that S3 would refuse', { ...bucket, bucket: 'Acme_State' }, 'state.bucket'],
    ['a key that begins with a slash', { ...bucket, key: '/terraform.tfstate' }, 'state.key'],
    ['a key of its own for the lock', { ...bucket, lock: 'x' }, 'lock'],
  ])('is refused with %s', (_, state, path) => {
    expect(() => checkConfig({ ...config(), state }, 'a.ts')).toThrow(path)
  })
})
