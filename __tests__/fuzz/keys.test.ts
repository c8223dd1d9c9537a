// Keys of objects, by the thousand: each is purged under its own URLs or told of, and none keeps another from being purged.

import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { takeIn } from '../../handlers/intake-s3/core.ts'
import { aBatch, anAssetConfig, documentedBusEvent } from '../handlers/intake-s3/fixtures.ts'
import { fuzzRuns } from './count.ts'
import { hostileTexts } from './hostile.ts'

const config = anAssetConfig()
const keysInABatch = 250
const key = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
  fc.string({ minLength: 1, maxLength: 60 }),
  fc
    .array(fc.constantFrom('..', '.', '/', '//', '%2e', '\\', '?', '#', ' ', '+', 'ü', '\ud800', 'a.css'), { minLength: 1 })
    .map((parts) => parts.join('')),
  fc.constantFrom(...hostileTexts.filter((text) => text !== '' && text.length < 1000)),
)
const bodyOf = (of: string): string =>
  JSON.stringify({ ...documentedBusEvent, detail: { ...documentedBusEvent.detail, object: { key: of, sequencer: '01' } } })

const runs = Math.ceil(fuzzRuns(50_000) / keysInABatch)

it(`is purged under URLs of its own host, or told of by its own message: ${runs * keysInABatch} keys`, () => {
  fc.assert(
    fc.property(fc.array(key, { minLength: keysInABatch, maxLength: keysInABatch }), (keys) => {
      const { starts, poison, dropped } = takeIn(aBatch(...keys.map(bodyOf), bodyOf('good.css')), config, 'us-east-1')
      const urls = starts.flatMap(({ input }) => (JSON.parse(input) as { urls: string[] }).urls)
      expect(urls).toContain('https://assets.example.com/good.css')
      for (const url of urls) {
        const { href, host, search, hash } = new URL(url)
        expect([href, host, search, hash]).toEqual([url, 'assets.example.com', '', ''])
      }
      expect(dropped).toEqual([])
      // Told of are those that are no text, and they alone.
      const broken = keys.flatMap((text, index) => (/\p{Surrogate}/u.test(text) ? [`m${index}`] : []))
      expect(poison.map(({ messageId }) => messageId).sort()).toEqual(broken.sort())
    }),
    { numRuns: runs },
  )
}, 1_200_000)
