// What every kind of layer keeps to, whichever it is.

import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { lstat, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkParameters } from '../../local/aws/systems-manager/documents.ts'
import { runScript } from '../../local/aws/systems-manager/ssm-agent.ts'
import { fillFake } from '../../local/instance/caches.ts'
import type { Instance } from '../../local/instance/instance.ts'
import type { CommandSpec, DocumentSource } from '../../layers/contract.ts'
import { unreadable } from '../../layers/finding.ts'
import { documentOf } from '../../ssm/render.ts'
import { ScriptResult } from '../../statemachines/data/outcome.ts'
import { heldKinds } from './registries.ts'

const render = (document: DocumentSource) => documentOf(document, { executionTimeoutSeconds: 60 })

/** Every file and directory with its bytes and times; but for the folders in which the agent and the script work. */
const snapshot = async (root: string): Promise<string[]> => {
  const lines = (await readdir(root, { recursive: true, withFileTypes: true })).map(async ({ parentPath, name }) => {
    const path = join(parentPath, name)
    const stat = await lstat(path)
    const content = stat.isFile()
      ? createHash('sha256')
          .update(await readFile(path))
          .digest('hex')
      : ''
    return [path.slice(root.length), content, stat.mtimeMs, stat.ctimeMs, stat.mode].join('\t')
  })
  return (await Promise.all(lines)).filter((line) => !/^\/(tmp|root|var|var\/lib(\/.*)?)\t/.test(line)).sort()
}

describe.each(heldKinds)('%s', (name, { kind, fake, place }) => {
  const layer = fake.example
  const [purgeSpec, inspectSpec] = [kind.purge(layer), kind.inspect(layer)]
  const sourceOf = ({ document }: CommandSpec): DocumentSource => {
    const found = kind.documents.find((candidate) => candidate.name === document)
    if (found === undefined) throw new Error(`${name} sends ${document}, which is not among its documents`)
    return found
  }
  const placed = async (): Promise<Instance> => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'purgeflow-contract-')))
    onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
    return place(folder)
  }
  const run = async (instance: Instance, spec: CommandSpec): Promise<unknown> => {
    const end = await runScript({
      instance,
      commandId: 'c0ffee',
      lines: render(sourceOf(spec)).mainSteps[0].inputs.runCommand,
      parameters: spec.parameters,
      timeoutMs: 50_000,
      signal: new AbortController().signal,
    })
    expect(end).toMatchObject({ exitCode: 0, stderr: '' })
    return JSON.parse(end.stdout.trimEnd().split('\n').at(-1) ?? '')
  }
  const inspect = async (instance: Instance) => kind.facts.parse(await run(instance, inspectSpec))
  const purge = async (instance: Instance) => ScriptResult.parse(await run(instance, purgeSpec))
  const judge = (facts: unknown) => kind.findings(facts, inspectSpec.parameters)

  it('is called what its schema asks for, and has words for people', () => {
    expect(layer.kind).toBe(name)
    expect(kind.schema.parse(layer)).toEqual(layer)
    expect(kind.schema.safeParse({ ...layer, kind: 'another' }).success).toBe(false)
    for (const text of [kind.label(layer), kind.action(layer)]) expect(text).not.toBe('')
  })

  it('may have an id of its own, and no key that it does not know', () => {
    expect(kind.schema.parse({ ...layer, id: 'other' })).toEqual({ ...layer, id: 'other' })
    expect(kind.schema.safeParse({ ...layer, surprise: 1 }).success).toBe(false)
  })

  it('has the documents that it sends, and no other', () => {
    expect(new Set([purgeSpec, inspectSpec].map(sourceOf))).toEqual(new Set(kind.documents))
  })

  it.each([
    ['purge', purgeSpec],
    ['inspect', inspectSpec],
  ])('gives %s the parameters that its document declares, with values that it accepts', (_, spec) => {
    const document = render(sourceOf(spec))
    expect(Object.keys(spec.parameters).sort()).toEqual(Object.keys(document.parameters).sort())
    const given = Object.fromEntries(Object.entries(spec.parameters).map(([parameter, value]) => [parameter, [value]]))
    expect(checkParameters(document, given)).toEqual(spec.parameters)
  })

  it('says of facts from another version that it cannot read them', () => {
    for (const facts of [undefined, null, 'x', {}, { action: 'inspected' }]) expect(judge(facts)).toEqual([unreadable])
  })

  it('finds no problem on a healthy instance, and what is in order', async () => {
    const facts = await inspect(await placed())
    expect(facts).toMatchObject({ directory: 'present', files: new Set(fake.cached(layer).map(([path]) => path)).size })
    const levels = judge(facts).map(({ level }) => level)
    expect(levels).not.toContain('problem')
    expect(levels).toContain('ok')
  })

  it('is inspected without a change on the whole instance, to the time of each file', async () => {
    const instance = await placed()
    const before = await snapshot(instance.root)
    expect(before.length).toBeGreaterThan(fake.cached(layer).length)
    await inspect(instance)
    expect(await snapshot(instance.root)).toEqual(before)
  })

  it('is filled, purged, empty, and filled again', async () => {
    const instance = await placed()
    const { files } = await inspect(instance)
    const purged = await purge(instance)
    expect(purged).toMatchObject({ action: expect.stringMatching(/^(deleted|flushed)$/) as string, files })
    expect(purged.freedBytes).toBeGreaterThan(0)
    expect((await inspect(instance)).files).toBe(0)
    expect(await purge(instance)).toMatchObject({ files: 0 })
    await fillFake(instance.root, fake, layer)
    expect((await inspect(instance)).files).toBe(files)
  })

  it('is purged without losing a file outside its cache', async () => {
    const instance = await placed()
    const outside = async () =>
      (await snapshot(instance.root))
        .map((line) => line.split('\t')[0] ?? '')
        .filter((path) => !`${path}/`.startsWith(`${fake.cachePath(layer)}/`))
    const before = await outside()
    await purge(instance)
    expect(await outside()).toEqual(expect.arrayContaining(before))
  })
})

const withPageFiles = heldKinds.flatMap(([name, { kind, fake }]) =>
  kind.pageFiles ? [{ name, kind, fake, pageFiles: kind.pageFiles }] : [],
)

it('probes find the files of pages in some caches', () => {
  expect(withPageFiles).not.toEqual([])
})

it.each(withPageFiles)('$name lets probes read no directory but its cache', ({ kind, fake, pageFiles }) => {
  const { parameters } = kind.purge(fake.example)
  expect(parameters[pageFiles.directory]).toBe(fake.cachePath(fake.example))
  expect(parameters[pageFiles.nginxPidFile]).toBeDefined()
})

it('every folder of a kind is in the registry, under its name', () => {
  const folders = readdirSync('layers').filter((name) => existsSync(`layers/${name}/layer.ts`))
  expect(folders.sort()).toEqual(heldKinds.map(([name]) => name).sort())
})

it('no two documents share an id, a name or a source', () => {
  const all = [...new Set(heldKinds.flatMap(([, { kind }]) => kind.documents))]
  for (const key of ['id', 'name', 'source'] as const) expect(new Set(all.map((document) => document[key])).size).toBe(all.length)
})
