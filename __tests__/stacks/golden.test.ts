// The whole Terraform of one deployment, for review in a diff. Scripts and state machine have golden files and tests of their own.

import { expect, it } from 'vitest'
import { config } from './config.ts'
import { synthesizeText, type Synthesized } from './synthesized.ts'

it('synthesizes to the golden file', async () => {
  const stack = JSON.parse(synthesizeText(config())) as Synthesized
  const readable = (key: string, value: unknown): unknown => {
    if (key === 'content' || key === 'definition') return `(${String(value).length > 0 ? 'left out' : 'empty'})`
    // Policies as JSON, not as one long line of it.
    return typeof value === 'string' && value.startsWith('{"Version"') ? JSON.parse(value) : value
  }
  await expect(`${JSON.stringify(stack, readable, 2)}\n`).toMatchFileSnapshot('__golden__/acme.tf.json')
})

it('gives the same text twice', () => {
  expect(synthesizeText(config())).toBe(synthesizeText(config()))
})
