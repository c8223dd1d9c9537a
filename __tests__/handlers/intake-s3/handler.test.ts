import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHandler } from '../../../handlers/intake-s3/handler.ts'
import { takeIn } from '../../../handlers/intake-s3/core.ts'
import { recordConsole } from '../factories.ts'
import { aBatch, aBody, anAssetConfig, anAssetTarget, aRecord, documentedTestEvent } from './fixtures.ts'
import { aConfig } from '../../config/a-config.ts'

let started: string[]
let waits: { readonly seconds: number; readonly startedBefore: number }[]
let refuse: (name: string) => boolean
let clock: number
let msOfAStart: number
let output: ReturnType<typeof recordConsole>
beforeEach(() => {
  started = []
  waits = []
  refuse = () => false
  clock = 0
  msOfAStart = 0
  output = recordConsole()
})
afterEach(() => {
  output.restore()
})

const handle = (event: unknown, config = anAssetConfig()) =>
  createHandler({
    config,
    region: 'us-east-1',
    wait: (seconds) => {
      waits.push({ seconds, startedBefore: started.length })
      clock += seconds * 1000
      return Promise.resolve()
    },
    now: () => clock,
    startExecution: ({ executionName, input }) => {
      clock += msOfAStart
      if (refuse(executionName)) return Promise.reject(new Error('Rate exceeded'))
      started.push(input)
      return Promise.resolve()
    },
  })(event)

describe('intake-s3', () => {
  it('starts one purge for a batch and has every message deleted', async () => {
    expect(await handle(aBatch(aBody(aRecord('a')), aBody(aRecord('b'))))).toEqual({ batchItemFailures: [] })
    expect(started).toEqual(['{"target":"assets","source":"s3","urls":["https://assets.example.com/a","https://assets.example.com/b"]}'])
  })

  it('reports what cannot be read, once, by its id, and logs it', async () => {
    expect(await handle(aBatch('not JSON', aBody(aRecord('%FF'), aRecord('a', { eventVersion: '9.1' })), aBody(aRecord('b'))))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }, { itemIdentifier: 'm1' }],
    })
    expect(started).toHaveLength(1)
    for (const words of ["'m0'", "'m1'", 'not JSON', 'not UTF-8', 'version 9.1']) expect(output.text()).toContain(words)
  })

  it('logs what it drops with its id', async () => {
    await handle(aBatch(JSON.stringify(documentedTestEvent)))
    expect(output.text()).toMatch(/dropped what is no event of ours.*'m0'.*test event/s)
  })

  it('asks for the messages again whose purge could not be started, and only for those', async () => {
    const config = aConfig({ targets: [anAssetTarget({ prefix: 'a' }, { id: 'one' }), anAssetTarget({ prefix: 'b' }, { id: 'two' })] })
    refuse = (name) => name.startsWith('s3-one-')
    expect(await handle(aBatch(aBody(aRecord('a')), aBody(aRecord('b'))), config)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }],
    })
    expect(started).toHaveLength(1)
  })

  it('waits before it starts anything, so that a death while it waits leaves nothing to be done twice', async () => {
    await handle(aBatch(...Array.from({ length: 400 }, (_, index) => aBody(aRecord(`k${index}`)))))
    // 800 URLs a second on the free plan, half of them for events, a half of that for each of two batches.
    expect(waits).toEqual([{ seconds: 2, startedBefore: 0 }])
  })

  it.each([0, 20, 200, 5000])('ends in its time, %i ms a start, and hands back just what it has not started', async (ms) => {
    msOfAStart = ms
    // Ten hosts, ten origins, both schemes: 200 copies of each object, of 900 characters a piece.
    const numbers = Array.from({ length: 10 }, (_, index) => index)
    const config = anAssetConfig({
      hosts: numbers.map((index) => `h${index}.example.com`),
      variants: { schemes: ['https', 'http'], origins: numbers.map((index) => `https://o${index}.example.com`) },
    })
    const batch = aBatch(...Array.from({ length: 60 }, (_, index) => aBody(aRecord(`${'k'.repeat(900)}${index}`))))
    const { batchItemFailures } = await handle(batch, config)
    const all = takeIn(batch, config, 'us-east-1').starts
    expect(all.length).toBeGreaterThan(100)
    expect(clock).toBeLessThan(60_000 + 10 * ms)
    const left = all.filter(({ input }) => !started.includes(input))
    expect(new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))).toEqual(
      new Set(left.flatMap(({ messageIds }) => messageIds)),
    )
    expect(left.length > 0).toBe(ms >= 200)
    // Whatever comes again, some of it is done each time.
    expect(started.length).toBeGreaterThanOrEqual(10)
  })

  it('has nothing to do for an empty batch', async () => {
    expect(await handle({ Records: [] })).toEqual({ batchItemFailures: [] })
  })

  it('refuses what is no batch', async () => {
    await expect(handle({ hello: 1 })).rejects.toThrow()
  })
})
