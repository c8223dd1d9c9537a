// The asset path as `npm run local` has it: a folder, the queue, the built functions, the state machine, the local Cloudflare.

import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startBucket } from '../../../local/aws/s3/bucket.ts'
import { startSystem, type System } from '../../../local/system/system.ts'
import { aConfigInput, anEdge } from '../../config/a-config.ts'
import { anAssetTarget } from '../../handlers/intake-s3/fixtures.ts'
import { eventually, temporaryFolder } from '../aws/fixtures.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let system: System
let lines: string[] = []
beforeAll(async () => {
  folder = await temporaryFolder()
  const configFile = join(folder.path, 'config.json')
  await writeFile(
    configFile,
    JSON.stringify(
      aConfigInput({
        targets: [
          anAssetTarget({ exclude: ['tmp'], variants: { schemes: ['https', 'http'] } }),
          anAssetTarget(
            { name: 'acme-docs', hosts: ['docs.example.com'], prefixPurges: [{ prefix: 'v2/', moreThan: 3 }], notifyAbove: 10 },
            {
              id: 'docs',
              edge: anEdge({
                plan: 'pro',
                zoneId: 'ffeeddccbbaa99887766554433221100',
                credentials: { kind: 'token', parameter: '/acme/cloudflare/docs' },
              }),
            },
          ),
        ],
      }),
    ),
  )
  system = await startSystem({ configFile, waitScale: 0, eventRetrySeconds: 1, log: (line) => lines.push(line) })
})
afterAll(async () => {
  await system.close()
  await folder.remove()
})
afterEach(() => {
  lines = []
})

const purged = (from = 0): string[] =>
  system.cloudflare
    .requests()
    .filter(({ accepted }) => accepted)
    .slice(from)
    .flatMap(({ body }) => (body as { files?: string[] }).files ?? [])
const put = async (key: string, content = 'x'): Promise<void> => {
  const file = join(system.bucketDirs.get('acme-assets')!, key)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}
const requests = () => system.cloudflare.requests().length
const queue = () => system.queues.get('us-east-1')!

test('dropping, overwriting and deleting a file purges its URLs each time, and nobody is told', async () => {
  const url = 'https://assets.example.com/img/%C3%BC%20100%25%20%231.jpg'
  const key = 'img/ü 100% #1.jpg'
  for (const change of [() => put(key), () => put(key, 'longer'), () => rm(join(system.bucketDirs.get('acme-assets')!, key))]) {
    const before = requests()
    await change()
    await eventually(() => Promise.resolve(purged(before).length >= 2 ? true : undefined))
    expect(purged(before)).toEqual([url, url.replace('https', 'http')])
  }
  expect(system.slack.messages()).toEqual([])
})

test('many files at once cost one request for thirty URLs, and what is excluded none', async () => {
  const before = requests()
  await Promise.all(Array.from({ length: 45 }, (_, index) => put(`many/${index}.css`)))
  await put('many/x.tmp')
  // What an earlier test changed can be seen late, on a busy machine.
  const many = () => purged(before).filter((url) => url.includes('/many/'))
  await eventually(() => Promise.resolve(many().length >= 90 ? true : undefined))
  expect(new Set(many()).size).toBe(90)
  // One poll of the folder can fall between two files.
  const requestsForMany = system.cloudflare
    .requests()
    .slice(before)
    .filter(({ body }) => JSON.stringify(body).includes('/many/'))
  expect(requestsForMany.length).toBeLessThanOrEqual(4)
})

test('a message that cannot be read ends in the dead-letter queue, and its neighbour does not wait for it', async () => {
  const before = requests()
  const id = queue().send('not JSON')
  await put('neighbour.jpg')
  await eventually(() => Promise.resolve(purged(before).length > 0 ? true : undefined))
  expect(queue().dead()).toEqual([])
  await eventually(() => Promise.resolve(queue().dead().length > 0 ? true : undefined))
  expect(queue().dead()).toMatchObject([{ messageId: id, body: 'not JSON', receiveCount: 5 }])
  expect(lines.filter((line) => line.includes('cannot be read'))).toHaveLength(5)
})

test('Cloudflare down for an hour is waited for: nothing is lost, and the purge happens when it is back', async () => {
  const before = requests()
  system.cloudflare.setFault({ mode: 'fail', status: 503, times: 20 })
  await put('retried.jpg')
  await eventually(() => Promise.resolve(purged(before).length > 0 ? true : undefined))
  expect(purged(before)).toContain('https://assets.example.com/retried.jpg')
  expect(requests() - before).toBe(21)
  expect(system.slack.messages()).toEqual([])
  // The run scales waits to nothing; what they would have been stands in the history.
  const execution = system.machines.get('us-east-1')!.executions.find(({ input }) => input.includes('retried.jpg'))!
  const waits = execution.run.history.events
    .filter(({ type }) => type === 'WaitStateEntered')
    .map(({ details }) => {
      const { input } = details['stateEnteredEventDetails'] as { input: string }
      return (JSON.parse(input) as { plan: { edge: { waitSeconds: number } } }).plan.edge.waitSeconds
    })
  expect(waits.reduce((sum, seconds) => sum + seconds, 0)).toBeGreaterThan(3600)
})

test.each([
  ['few', 5, 'only the output of the execution says so'],
  ['many', 12, 'the message in Slack says so as well'],
])('%s files under a path become one purge of it, and %s', async (_name, count) => {
  const before = requests()
  const messagesBefore = system.slack.messages().length
  // All appear in one moment, as one poll of the folder finds them.
  const elsewhere = join(folder.path, `v2 of ${count}`)
  await mkdir(elsewhere)
  for (let index = 0; index < count; index += 1) await writeFile(join(elsewhere, `${index}.html`), 'x')
  const there = join(system.bucketDirs.get('acme-docs')!, 'v2')
  await mkdir(there, { recursive: true })
  await rename(elsewhere, join(there, String(count)))
  const bodies = () =>
    system.cloudflare
      .requests()
      .slice(before)
      .map(({ body }) => body)
  await eventually(() => Promise.resolve(bodies().length > 0 ? true : undefined))
  expect(bodies()).toEqual([{ prefixes: ['docs.example.com/v2/'] }])
  const [execution] = system.machines.get('us-east-1')!.executions
  const note = `everything under docs.example.com/v2/ was purged at once, because ${count} URLs there had changed`
  expect(execution).toMatchObject({ name: expect.stringMatching(/^s3-docs-/) as unknown })
  await system.ended(execution!)
  expect(JSON.stringify(execution!.ending)).toContain(note)
  const told = system.slack.messages().slice(messagesBefore)
  expect(told).toHaveLength(count > 10 ? 1 : 0)
  if (count > 10) expect(JSON.stringify(told)).toContain(note)
})

test('a purge that Cloudflare refuses is told', async () => {
  system.cloudflare.setFault({ mode: 'reject', status: 403, code: 9109, message: 'Unauthorized', times: 1 })
  await put('refused.jpg')
  await eventually(() => Promise.resolve(system.slack.messages().length > 0 ? true : undefined))
  expect(JSON.stringify(system.slack.messages())).toContain('by changes in the bucket')
})

test('a folder misses no write: made, moved, replaced and removed files, in new folders too', async () => {
  const own = await temporaryFolder()
  const events: string[] = []
  const bucket = startBucket({
    name: 'b',
    region: 'us-east-1',
    directory: own.path,
    everyMs: 1_000_000,
    notify: (body) => {
      const [record] = (JSON.parse(body) as { Records: { eventName: string; s3: { object: { key: string } } }[] }).Records
      events.push(`${record!.eventName} ${record!.s3.object.key}`)
    },
  })
  const after = async (...changes: (() => Promise<unknown>)[]) => {
    for (const change of changes) await change()
    events.length = 0
    await bucket.poll()
    return [...events].sort()
  }
  const at = (path: string) => join(own.path, path)
  expect(
    await after(
      () => mkdir(at('a/b'), { recursive: true }),
      () => writeFile(at('a/b/c d+e.txt'), '1'),
    ),
  ).toEqual(['ObjectCreated:Put a/b/c+d%2Be.txt'])
  expect(await after()).toEqual([])
  expect(await after(() => writeFile(at('a/b/c d+e.txt'), '2'))).toEqual(['ObjectCreated:Put a/b/c+d%2Be.txt'])
  expect(await after(() => rename(at('a/b/c d+e.txt'), at('x')))).toEqual(['ObjectCreated:Put x', 'ObjectRemoved:Delete a/b/c+d%2Be.txt'])
  expect(
    await after(
      () => rm(at('x')),
      () => writeFile(at('x'), '2'),
    ),
  ).toEqual(['ObjectCreated:Put x'])
  expect(
    await after(
      () => rm(at('x')),
      () => rm(at('a'), { recursive: true }),
    ),
  ).toEqual(['ObjectRemoved:Delete x'])
  void bucket.stop()
  await own.remove()
})
