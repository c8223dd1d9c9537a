import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { takeIn } from '../../../handlers/intake-s3/core.ts'
import { planPurge } from '../../../handlers/plan-purge/core.ts'
import { aBatch, aBody, anAssetConfig, anAssetTarget, aRecord, documentedBusEvent, documentedPut, documentedTestEvent } from './fixtures.ts'
import { aConfig, anEdge } from '../../config/a-config.ts'

const region = 'us-east-1'
interface Input {
  readonly target: string
  readonly source: string
  readonly urls: readonly unknown[]
  readonly prefixes?: readonly { prefix: string; insteadOf: number }[]
}
const inputsOf = ({ starts }: ReturnType<typeof takeIn>): Input[] => starts.map(({ input }) => JSON.parse(input) as Input)
const urlsOf = (intake: ReturnType<typeof takeIn>): unknown[] => inputsOf(intake).flatMap(({ urls }) => urls)
const take = (bodies: readonly string[], config = anAssetConfig()) => takeIn(aBatch(...bodies), config, region)
const at = (path: string): string => `https://assets.example.com/${path}`

describe("the samples of AWS's documentation", () => {
  it('a put', () => {
    expect(urlsOf(take([JSON.stringify(documentedPut)]))).toEqual([at('HappyFace.jpg')])
  })

  it.each([
    'ObjectCreated:Post',
    'ObjectCreated:Copy',
    'ObjectCreated:CompleteMultipartUpload',
    'ObjectRemoved:Delete',
    'ObjectRemoved:DeleteMarkerCreated',
    'ObjectRestore:Completed',
    'ObjectRestore:Delete',
    'LifecycleExpiration:Delete',
    's3:ObjectCreated:Put',
  ])('%s', (eventName) => {
    expect(urlsOf(take([aBody(aRecord('red+flower.jpg', { eventName }))]))).toEqual([at('red%20flower.jpg')])
  })

  it('several records in one message', () => {
    expect(urlsOf(take([aBody(aRecord('a'), aRecord('b'))]))).toEqual([at('a'), at('b')])
  })

  it('an event of EventBridge, whose key is not encoded', () => {
    expect(urlsOf(take([JSON.stringify(documentedBusEvent)]))).toEqual([at('example-key')])
    const { detail } = documentedBusEvent
    const plus = {
      ...documentedBusEvent,
      'detail-type': 'Object Deleted',
      detail: { ...detail, object: { ...detail.object, key: '1+1 = 100%' } },
    }
    expect(urlsOf(take([JSON.stringify(plus)]))[0]).toBe(at('1+1%20=%20100%25'))
  })

  it('the test event, which is dropped', () => {
    expect(take([JSON.stringify(documentedTestEvent)])).toEqual({
      waitSeconds: 0,
      starts: [],
      poison: [],
      dropped: [{ messageId: 'm0', words: 'the test event of a new notification' }],
    })
  })
})

describe('an event that came by a topic', () => {
  const topic = { TopicArn: 'arn:aws:sns:us-east-1:123456789012:changes', MessageId: '165545c9', Timestamp: '2026-11-21T12:00:00.000Z' }
  const enveloped = (message: unknown): string =>
    JSON.stringify({ ...topic, Type: 'Notification', Subject: 'Amazon S3 Notification', Message: JSON.stringify(message) })

  it.each([
    ['a notification', documentedPut, 'HappyFace.jpg'],
    ['an event of the bus', documentedBusEvent, 'example-key'],
  ])('is read as if it had come alone: %s', (_name, message, key) => {
    expect(urlsOf(take([enveloped(message)]))).toEqual([at(key)])
    // Raw delivery: nothing is around it.
    expect(urlsOf(take([JSON.stringify(message)]))).toEqual([at(key)])
  })

  it('is judged like any other: test events are dropped, what cannot be read is told', () => {
    const dropped = (body: string) => take([body]).dropped.map(({ words }) => words)
    expect(dropped(enveloped(documentedTestEvent))).toEqual(['the test event of a new notification'])
    const confirmation = { ...topic, Type: 'SubscriptionConfirmation', Token: 'x', SubscribeURL: 'https://sns', Message: 'You have chosen' }
    expect(dropped(JSON.stringify(confirmation))).toEqual(['a SubscriptionConfirmation of SNS'])
    expect(take([enveloped({ Records: [aRecord('%FF')] })]).poison).toMatchObject([{ words: 'a key that is not UTF-8' }])
    // Nobody needs two envelopes, and whoever writes to the topic chooses how many there are.
    expect(take([enveloped(JSON.parse(enveloped(documentedPut)))]).poison).toHaveLength(1)
  })
})

describe('a call that a trail has recorded', () => {
  const call = (detail: Record<string, unknown>): string =>
    JSON.stringify({
      ...documentedBusEvent,
      'detail-type': 'AWS API Call via CloudTrail',
      detail: {
        eventVersion: '1.10',
        eventSource: 's3.amazonaws.com',
        eventName: 'PutObject',
        eventTime: '2026-11-21T12:00:00Z',
        requestParameters: { bucketName: 'acme-assets', key: 'red flower+1.jpg', Host: 'acme-assets.s3.amazonaws.com' },
        responseElements: null,
        ...detail,
      },
    })

  it.each(['PutObject', 'CopyObject', 'CompleteMultipartUpload', 'DeleteObject', 'RestoreObject'])('purges: %s', (eventName) => {
    const intake = take([call({ eventName })])
    expect([urlsOf(intake)[0], intake.dropped, intake.poison]).toEqual([at('red%20flower+1.jpg'), [], []])
  })

  it.each([
    [{ eventName: 'PutObjectAcl' }, 'the call PutObjectAcl, which changes no content'],
    [{ errorCode: 'AccessDenied' }, 'the call PutObject, which failed'],
  ])('is dropped where it changes nothing: %j', (detail, words) => {
    expect(take([call(detail)])).toMatchObject({ starts: [], poison: [], dropped: [{ words }] })
  })

  it.each([
    [{ eventName: 'DeleteObjects', requestParameters: { bucketName: 'acme-assets', delete: '' } }, /does not say what it deleted/],
    [{ requestParameters: null }, /without bucket and key/],
    [{ eventTime: 'noon' }, /not as CloudTrail documents it/],
  ])('is told where it does not say what it changed: %j', (detail, words) => {
    expect(take([call(detail)])).toMatchObject({ starts: [], dropped: [], poison: [{ words: expect.stringMatching(words) as string }] })
  })
})

describe('what is no event of ours', () => {
  it.each([
    ['a record of another service', aBody(aRecord('a', { eventSource: 'aws:ses' })), 'a record of aws:ses'],
    [
      'an event that changes no content',
      aBody(aRecord('a', { eventName: 'ObjectTagging:Put' })),
      'the event ObjectTagging:Put, which changes no content',
    ],
    [
      'a restore that has only begun',
      aBody(aRecord('a', { eventName: 'ObjectRestore:Post' })),
      'the event ObjectRestore:Post, which changes no content',
    ],
    ['an event of another service on the bus', JSON.stringify({ ...documentedBusEvent, source: 'aws.ec2' }), 'an event of aws.ec2'],
    [
      'another event of S3 on the bus',
      JSON.stringify({ ...documentedBusEvent, 'detail-type': 'Object Tags Added' }),
      'the event Object Tags Added, which changes no content',
    ],
  ])('is dropped, with its message id: %s', (_name, body, words) => {
    const intake = take([body, aBody(aRecord('good'))])
    expect(intake).toMatchObject({ poison: [], dropped: [{ messageId: 'm0', words }] })
    expect(urlsOf(intake)).toEqual([at('good')])
  })
})

describe('a message that cannot be read', () => {
  it.each([
    ['no JSON', '{"Records": [', 'not JSON'],
    ['nothing', '', 'not JSON'],
    ['null', 'null', 'neither a notification of S3 nor an event'],
    ['words', '"hello"', 'neither a notification of S3 nor an event'],
    [
      'an envelope like one of SNS, of no topic',
      JSON.stringify({ Type: 'Notification', Message: aBody(aRecord('a')) }),
      'neither a notification of S3 nor an event',
    ],
    ['a newer major version', aBody(aRecord('a', { eventVersion: '3.0' })), 'a record in version 3.0: this function knows 2.x'],
    ['no version', aBody(aRecord('a', { eventVersion: undefined })), 'a record without source and version'],
    ['a key that is not UTF-8', aBody(aRecord('caf%E9.jpg')), 'a key that is not UTF-8'],
    ['no key', aBody(aRecord('')), 'a record that is not as S3 documents it'],
    ['no bucket', aBody(aRecord('a', { s3: { object: { key: 'a' } } })), 'a record that is not as S3 documents it'],
    ['a record that is a number', aBody(7), 'a record without source and version'],
    [
      'a bucket that nobody configured',
      aBody(aRecord('a', { s3: { bucket: { name: 'other' }, object: { key: 'a' } } })),
      'the bucket other, which no target of us-east-1 has',
    ],
  ])('is reported with its id, and its neighbours are purged: %s', (_name, body, words) => {
    const intake = take([aBody(aRecord('before')), body, aBody(aRecord('after'))])
    expect(intake).toMatchObject({ dropped: [], poison: [{ messageId: 'm1', words }] })
    expect(urlsOf(intake)).toEqual([at('before'), at('after')])
  })

  it('is read as far as it can be', () => {
    const intake = take([aBody(aRecord('good'), aRecord('%FF'), aRecord('%FE'))])
    expect(intake.poison).toEqual([{ messageId: 'm0', words: 'a key that is not UTF-8' }])
    expect(urlsOf(intake)).toEqual([at('good')])
  })

  it('is any key that is no text, and poisons no neighbour', () => {
    const bus = (key: string) =>
      JSON.stringify({ ...documentedBusEvent, detail: { ...documentedBusEvent.detail, object: { key, sequencer: '01' } } })
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('\ud800', '\udfff', '\u{1f600}', 'a', '/', '%', '%zz', '+', '\0'), { minLength: 1, maxLength: 6 }),
        fc.constantFrom(bus, (key: string) => aBody(aRecord(key))),
        (parts, bodyOf) => {
          const intake = take([aBody(aRecord('before')), bodyOf(parts.join('')), aBody(aRecord('after'))])
          expect(urlsOf(intake)).toEqual(expect.arrayContaining([at('before'), at('after')]))
          expect(intake.poison.every(({ messageId }) => messageId === 'm1')).toBe(true)
        },
      ),
      { numRuns: 500, examples: [[['\ud800'], bus]] },
    )
    expect(take([bus('a\udc00b')]).poison).toEqual([{ messageId: 'm0', words: 'a key that is not Unicode' }])
  })

  it('is never a crash, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.json().map((json) => `{"Records":[${json}]}`),
        ),
        (body) => {
          expect(() => take([body])).not.toThrow()
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('is a bucket of another region', () => {
    expect(takeIn(aBatch(aBody(aRecord('a'))), anAssetConfig(), 'eu-west-1').poison).toHaveLength(1)
  })
})

describe('a batch', () => {
  it('purges an object once, and a newer minor version like any other', () => {
    expect(
      urlsOf(take([aBody(aRecord('a', {}, '02')), aBody(aRecord('a', { eventVersion: '2.9', more: 1 }, '01')), aBody(aRecord('b'))])),
    ).toEqual([at('a'), at('b')])
  })

  it.each([
    ['0055AED6DCD90281E5', '0055AED6DCD90281E6', 'm1'],
    ['0055AED6DCD90281E6', '0055AED6DCD90281E5', 'm0'],
    // The shorter one is filled up with zeros on the right.
    ['0055B', '0055AED6DCD90281E5', 'm0'],
    ['0055AED6DCD90281E5', '0055B', 'm1'],
  ])('keeps of two events of one key the newer: of %s and %s that of %s', (first, second, kept) => {
    expect(take([aBody(aRecord('a', {}, first)), aBody(aRecord('a', {}, second))]).starts[0]?.messageIds).toEqual([kept])
  })

  it('keeps keys apart that only sound alike', () => {
    expect(urlsOf(take([aBody(aRecord('a')), aBody(aRecord('A')), aBody(aRecord('a/'))]))).toHaveLength(3)
  })

  it('gives its execution a name of its own', () => {
    const names = (...bodies: string[]) => take(bodies).starts.map(({ executionName }) => executionName)
    const [name] = names(aBody(aRecord('a')), aBody(aRecord('b')))
    expect(name).toMatch(/^s3-assets-[0-9a-f]{32}$/)
    expect(names(aBody(aRecord('a')))).not.toEqual([name])
    const later = {
      Records: aBatch(aBody(aRecord('a')), aBody(aRecord('b'))).Records.map((record) => ({
        ...record,
        messageId: `later-${record.messageId}`,
      })),
    }
    expect(takeIn(later, anAssetConfig(), region).starts[0]?.executionName).not.toBe(name)
    const long = takeIn(aBatch(aBody(aRecord('a'))), anAssetConfig({}, { id: 't'.repeat(32) }), region)
    expect(long.starts[0]?.executionName).toMatch(/^[0-9A-Za-z_-]{1,80}$/)
  })

  it('starts the very same executions in whatever order it is delivered again, also where events have the same time or sequencer', () => {
    const records = aBatch(...Array.from({ length: 12 }, (_, index) => aBody(aRecord(`${'k'.repeat(950)}${index % 10}`, {}, '05')))).Records
    const config = anAssetConfig(
      { hosts: Array.from({ length: 10 }, (_, index) => `${index}.example.com`), variants: { schemes: ['https', 'http'] } },
      { edge: anEdge({ batchSize: 10 }) },
    )
    const { starts } = takeIn({ Records: records }, config, region)
    expect(starts.length).toBeGreaterThan(1)
    fc.assert(
      fc.property(fc.shuffledSubarray(records, { minLength: records.length }), (again) => {
        expect(takeIn({ Records: again }, config, region).starts).toEqual(starts)
      }),
    )
  })

  it('waits for as long as its purges take at its part of the limit, and never for the whole time of the function', () => {
    const count = (number: number) => Array.from({ length: number }, (_, index) => aBody(aRecord(`k${index}`)))
    const config = (plan: 'free' | 'enterprise', maxConcurrency: number, bucket = {}) => ({
      ...anAssetConfig(bucket, { edge: anEdge({ plan }) }),
      intake: { batchWindowSeconds: 5, maxConcurrency },
    })
    const waitOf = (...[bodies, given]: Parameters<typeof take>): number => take(bodies, given).waitSeconds
    expect(waitOf(count(1), config('free', 2))).toBe(1 / 200)
    expect(waitOf(count(3000), config('enterprise', 2))).toBe(4)
    expect(waitOf(count(3000), config('enterprise', 4))).toBe(8)
    expect(waitOf(count(9000), config('free', 2))).toBe(30)
    // The free plan takes a prefix in 12 s.
    expect(waitOf(count(3), config('free', 2, { prefixPurges: [{ prefix: 'k', moreThan: 2 }] }))).toBe(30)
    expect(waitOf(count(3), config('enterprise', 2, { prefixPurges: [{ prefix: 'k', moreThan: 2 }] }))).toBe(4 / 50)
  })

  it('ignores a message without an event of ours in its name', () => {
    const one = aBatch(aBody(aRecord('a')), JSON.stringify(documentedTestEvent))
    expect(takeIn(one, anAssetConfig(), region).starts[0]?.executionName).toBe(take([aBody(aRecord('a'))]).starts[0]?.executionName)
  })

  it('serves every target that has the bucket, each with its own URLs', () => {
    const config = aConfig({
      targets: [anAssetTarget({ prefix: 'img/' }, { id: 'img' }), anAssetTarget({ hosts: ['b.example.com'] }, { id: 'all' })],
    })
    expect(inputsOf(take([aBody(aRecord('img/a')), aBody(aRecord('b'))], config))).toEqual([
      { target: 'img', source: 's3', urls: [at('img/a')] },
      { target: 'all', source: 's3', urls: ['https://b.example.com/img/a', 'https://b.example.com/b'] },
    ])
  })

  it('starts nothing where nothing is wanted', () => {
    expect(take([aBody(aRecord('a.map'))], anAssetConfig({ exclude: ['map'] })).starts).toEqual([])
    expect(take([aBody(aRecord('a/../b'))]).starts).toEqual([])
  })
})

describe('many URLs', () => {
  const bodies = (count: number, length: number) =>
    Array.from({ length: count }, (_, index) => aBody(aRecord(`${'k'.repeat(length)}${index}`)))

  it('are cut so that input and plan fit in an execution, losing none and no request', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 1, max: 900 }),
        fc.integer({ min: 1, max: 100 }),
        (count, length, batchSize) => {
          const config = anAssetConfig({}, { edge: anEdge({ batchSize }) })
          const intake = take(bodies(count, length), config)
          expect(new Set(urlsOf(intake)).size).toBe(count)
          let requests = 0
          for (const { input } of intake.starts) {
            const request: unknown = JSON.parse(input)
            const plan = planPurge(request, config)
            requests += plan.edge!.pending.length
            expect(Buffer.byteLength(JSON.stringify({ request, plan })) + 1000).toBeLessThan(262_144)
          }
          expect(requests).toBe(Math.ceil(count / batchSize))
          expect(new Set(intake.starts.map(({ executionName }) => executionName)).size).toBe(intake.starts.length)
          expect(intake.starts.flatMap(({ messageIds }) => messageIds)).toHaveLength(count)
        },
      ),
      // Short URLs, each a request of its own, have the most around them.
      { numRuns: 25, examples: [[2987, 4, 1]] },
    )
  })

  it('become one purge of their prefix where the config says so, and the plan says that they did', () => {
    const config = anAssetConfig({ prefixPurges: [{ prefix: 'img/', moreThan: 2 }], hosts: ['a.example.com', 'b.example.com'] })
    const [input] = inputsOf(
      take(
        ['img/1', 'img/2', 'img/3', 'css/1'].map((key) => aBody(aRecord(key))),
        config,
      ),
    )
    expect(input).toEqual({
      target: 'assets',
      source: 's3',
      urls: ['https://a.example.com/css/1', 'https://b.example.com/css/1'],
      prefixes: [
        { prefix: 'a.example.com/img/', insteadOf: 3 },
        { prefix: 'b.example.com/img/', insteadOf: 3 },
      ],
    })
    const plan = planPurge(input, config)
    expect(plan.edge?.pending).toEqual([{ prefixes: ['a.example.com/img/', 'b.example.com/img/'] }, { files: input!.urls }])
    expect(plan.notes[0]).toBe('everything under a.example.com/img/ was purged at once, because 3 URLs there had changed')
    expect(
      inputsOf(
        take(
          ['img/1', 'img/2'].map((key) => aBody(aRecord(key))),
          config,
        ),
      )[0],
    ).not.toHaveProperty('prefixes')
  })

  it('that all become a prefix still make an execution', () => {
    const config = anAssetConfig({ prefixPurges: [{ prefix: 'img/', moreThan: 1 }] })
    const { starts } = take(
      ['img/1', 'img/2'].map((key) => aBody(aRecord(key))),
      config,
    )
    expect(starts).toMatchObject([{ files: 0, messageIds: ['m0', 'm1'] }])
  })
})
