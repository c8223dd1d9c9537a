// `npm run demo`: the main job, from the slash command to the message in Slack, and an inspection of whether the caches are really empty.

import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { ConfigError } from '../../config/config-error.ts'
import type { Target } from '../../config/schema.ts'
import { showFailure } from './demo-failure.ts'
import { askForPurge } from './demo-purge.ts'
import { startSystem, type System } from '../system/system.ts'
import { fakeOf } from '../instance/fakes.ts'
import { instanceIdsOf } from '../instance/instances.ts'
import { visit } from '../instance/visitor.ts'

const FilesBody = z.object({ files: z.array(z.string()) })

/** Files that were written before `since`: a page that somebody asks for after the purge is cached again, and new. */
const countFiles = async (directory: string, since: number): Promise<number> => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => [])
  const changes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.ctimeMs),
  )
  return changes.filter((changed) => changed !== undefined && changed < since).length
}

/** Files in the caches of a target, on all its instances. */
const cachedFiles = async ({ aws }: System, target: Target, since: number): Promise<number> => {
  const ids = instanceIdsOf(target)
  const own = aws.instances.filter(({ instanceId, region }) => region === target.region && ids.includes(instanceId))
  const counts = await Promise.all(
    own.flatMap(({ root }) => target.layers.map((layer) => countFiles(join(root, fakeOf(layer.kind).cachePath(layer)), since))),
  )
  return counts.reduce((total, count) => total + count, 0)
}

/** @returns what is not as it ought to be */
const show = async (system: System, target: Target): Promise<string[]> => {
  const asked = Date.now()
  const before = await cachedFiles(system, target, asked)
  const [page] = target.probes?.urls ?? []
  system.publish(`The new copy, published at ${new Date(asked).toISOString()}.`)
  const got = async (): Promise<string> => (page === undefined ? '' : (await visit(system.cloudflare.edgeUrl, page)).body)
  const oldCopy = await got()
  const { status, message } = await askForPurge(system, target, `${before} files are cached`)

  const after = await cachedFiles(system, target, asked)
  const edge = system.cloudflare.requests().filter(({ zoneId, accepted }) => accepted && zoneId === target.edge?.zoneId)
  return [
    ...(before > 0 ? [] : [`${target.id} had nothing cached, so its purge shows nothing`]),
    ...(page === undefined || !oldCopy.includes('The new copy, published at ' + new Date(asked).toISOString())
      ? []
      : [`${target.id} showed the new copy before its purge`]),
    ...(page === undefined || (await got()).includes(new Date(asked).toISOString())
      ? []
      : [`a visitor of ${page} still gets the old copy`]),
    ...(page === undefined || message?.accepted !== true || JSON.stringify(message.payload).includes('and verified')
      ? []
      : [`the purge of ${target.id} was not verified`]),
    ...(status === 'SUCCEEDED' ? [] : [`the execution of ${target.id} ended as ${status}`]),
    ...(after === 0 ? [] : [`${after} files of ${target.id} are still cached`]),
    ...(target.edge === undefined || edge.length > 0 ? [] : [`Cloudflare accepted no purge for ${target.id}`]),
    ...(message?.accepted === true ? [] : [`Slack took no message about ${target.id}`]),
  ]
}

const filesPurged = (system: System): string[] =>
  system.cloudflare
    .requests()
    .filter(({ accepted }) => accepted)
    .flatMap(({ body }) => FilesBody.safeParse(body).data?.files ?? [])

/** Uploads, overwrites and deletes objects, and waits for their URLs at Cloudflare. @returns what is not as it ought to be */
const showBucket = async (system: System, bucket: NonNullable<Target['bucket']>): Promise<string[]> => {
  const folder = system.bucketDirs.get(bucket.name) ?? ''
  const messages = system.slack.messages().length
  const [host = ''] = bucket.hosts
  const change = async (name: string, content: string | undefined): Promise<string[]> => {
    console.log(`> ${content === undefined ? 'delete  ' : 'upload  '} s3://${bucket.name}/${name}`)
    const file = join(folder, name)
    const before = filesPurged(system).length
    await mkdir(dirname(file), { recursive: true })
    await (content === undefined ? rm(file) : writeFile(file, content))
    const url = `https://${host}/${name.split('/').map(encodeURIComponent).join('/')}`
    const started = Date.now()
    while (Date.now() - started < 60_000) {
      await sleep(50)
      if (!filesPurged(system).slice(before).includes(url)) continue
      console.log(`  ${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s  Cloudflare accepted the purge of ${url}`)
      return []
    }
    return [`${url} was not purged`]
  }
  console.log(`\nNobody types anything for a bucket: its events purge what they are about.\n`)
  const problems = [
    ...(await change('img/sale 50% off.jpg', 'one')),
    ...(await change('img/sale 50% off.jpg', 'two, longer')),
    ...(await change('img/sale 50% off.jpg', undefined)),
  ]
  return [...problems, ...(system.slack.messages().length === messages ? [] : ['Slack got a message about a routine purge'])]
}

const runDemo = async (): Promise<void> => {
  // Half of the real waits: nobody learns more from watching the second half.
  const system = await startSystem({
    waitScale: 0.5,
    log: (line) => {
      if (/"level":"error"|failed/.test(line)) console.error(line)
    },
  })
  try {
    const problems: string[] = []
    for (const target of system.config.targets.filter(({ layers }) => layers.length > 0)) problems.push(...(await show(system, target)))
    problems.push(...(await showFailure(system)))
    for (const { bucket } of system.config.targets) if (bucket) problems.push(...(await showBucket(system, bucket)))
    for (const problem of problems) console.error(`\nNot as it ought to be: ${problem}.`)
    if (problems.length === 0)
      console.log(
        '\nEverything that was to be purged is gone: every cache directory was inspected after its purge, and visitors get the new copy. What failed was told.',
      )
    else process.exitCode = 1
  } finally {
    await system.close()
  }
}

try {
  await runDemo()
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error)
  process.exitCode = 1
}
