// What a dry run sees of a real nginx.

import { readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startNginx } from './real-nginx.ts'

const filesOf = async (root: string): Promise<string[]> => {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const lines = entries.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name)
    const { mtimeMs, size, mode } = await stat(path)
    return [path, mtimeMs, size, mode].join(' ')
  })
  // The script itself, and the directory in which it works.
  return (await Promise.all(lines)).filter((line) => !/inspect-nginx\.sh|\/tmp /.test(line)).sort()
}

it('an nginx in order is reported as it is configured, and nothing of it changes', async () => {
  const nginx = await startNginx()
  await nginx.get()
  const before = await filesOf(nginx.root)
  expect(await nginx.inspect()).toMatchObject({
    directory: 'present',
    files: 1,
    running: 'yes',
    config: 'valid',
    known: true,
    zones: [nginx.other, nginx.pages],
    keys: ['$scheme$request_method$host$request_uri'],
    openFileCache: false,
    cacheHeader: true,
  })
  expect(await filesOf(nginx.root)).toEqual(before)
  expect((await nginx.get()).cache).toBe('HIT')
})

it('open_file_cache is seen, in the server as well', async () => {
  expect(await (await startNginx({ location: 'open_file_cache max=100;' })).inspect()).toMatchObject({ openFileCache: true })
})

it('a directory that is no cache of it is told from one that is', async () => {
  const nginx = await startNginx()
  expect(await nginx.inspect(join(nginx.root, 'logs'))).toMatchObject({ directory: 'present', known: false })
  expect(await nginx.inspect(nginx.other)).toMatchObject({ known: true })
})

it('a configuration that it would refuse is quoted', async () => {
  const nginx = await startNginx()
  await writeFile(join(nginx.root, 'nginx.conf'), 'events {} http { fastcgi_cahce_path /x; }')
  expect(await nginx.inspect()).toMatchObject({
    running: 'yes',
    config: 'broken',
    problem: expect.stringMatching(/\[emerg\].* unknown directive fastcgi_cahce_path/) as string,
  })
})
