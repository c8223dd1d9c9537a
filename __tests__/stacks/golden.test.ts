// The whole Terraform of one deployment, for review in a diff. Scripts and state machine have golden files and tests of their own.

import { expect, it } from 'vitest'
import { config } from './config.ts'
import { synthesizeText, type Synthesized } from './synthesized.ts'

it('synthesizes to the golden file', async () => {
  const stack = JSON.parse(synthesizeText(config())) as Synthesized
  const withoutContent = JSON.stringify(
    stack,
    (key, value: unknown) => (key === 'content' || key === 'definition' ? `(${String(value).length > 0 ? 'left out' : 'empty'})` : value),
    2,
  )
  await expect(`${withoutContent}\n`).toMatchFileSnapshot('__golden__/acme.tf.json')
})

it('gives the same text twice', () => {
  expect(synthesizeText(config())).toBe(synthesizeText(config()))
})
