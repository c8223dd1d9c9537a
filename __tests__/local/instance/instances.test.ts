import { execFile } from 'node:child_process'
import { access, readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { loadConfig } from '../../../config/load.ts'
import targets from '../../targets.ts'
import { fillCache } from '../../../local/instance/caches.ts'
import type { Instance } from '../../../local/instance/instance.ts'
import { createInstance, createInstances, taggedInstanceId } from '../../../local/instance/instances.ts'
import { temporaryFolder } from '../aws/fixtures.ts'

const config = loadConfig(targets)
const run = promisify(execFile)
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let portal: Instance
let main: Instance
beforeEach(async () => {
  folder = await temporaryFolder()
  const [first, second] = await createInstances(folder.path, config)
  portal = first!
  main = second!
})
afterEach(() => folder.remove())

const filesIn = async (directory: string): Promise<string[]> =>
  (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
const wp = (instance: Instance, site: string, ...words: string[]) =>
  run(join(instance.root, 'usr/local/bin/wp'), [...words, `--path=${join(instance.root, site)}`])

test('every instance of the config is there, with its tags', () => {
  expect(portal).toMatchObject({
    instanceId: 'i-0a1b2c3d4e5f60718',
    region: 'us-east-1',
    tags: {},
    state: 'online',
    root: join(folder.path, 'i-0a1b2c3d4e5f60718'),
  })
  expect(main).toMatchObject({ instanceId: taggedInstanceId('us-east-1', { Site: 'main' }), tags: { Site: 'main' } })
  expect(main.instanceId).toMatch(/^i-[0-9a-f]{17}$/)
})

test('an instance can be made by hand, with any layers', async () => {
  const made = await createInstance(folder.path, {
    instanceId: 'i-00000000000000001',
    region: 'eu-west-1',
    tags: { Role: 'web' },
    layers: config.targets[1]!.layers,
  })
  expect(made).toMatchObject({ root: join(folder.path, 'i-00000000000000001'), state: 'online' })
  expect((await filesIn(join(made.root, 'var/www/main/wp-content/cache/wp-rocket'))).length).toBeGreaterThan(12)
})

test('one instance that two targets name has the layers of both', async () => {
  const [first] = config.targets
  const both = { targets: [first!, { ...config.targets[1]!, instances: first!.instances }] }
  const instances = await createInstances(join(folder.path, 'both'), both)
  expect(instances).toHaveLength(1)
  await access(join(instances[0]!.root, 'var/cache/nginx/portal'))
  await access(join(instances[0]!.root, 'var/cache/nginx/main'))
})

test('caches hold dozens of files and some hundred kilobytes, under names with spaces and beyond ASCII', async () => {
  const w3 = await filesIn(join(portal.root, 'var/www/portal/wp-content/cache'))
  expect(w3.length).toBeGreaterThan(12)
  expect(w3.some((name) => name.includes('日本語'))).toBe(true)
  expect(w3.some((name) => name.includes(' '))).toBe(true)
  const nginx = await filesIn(join(portal.root, 'var/cache/nginx/portal'))
  expect(nginx.length).toBeGreaterThan(12)
  for (const name of nginx) {
    const digest = name.slice(-32)
    expect(name.endsWith(`/${digest.slice(-1)}/${digest.slice(-3, -1)}/${digest}`)).toBe(true)
  }
})

test('wp flushes the cache of W3 Total Cache and nothing else', async () => {
  expect((await wp(portal, '/var/www/portal', 'w3-total-cache', 'flush', 'all')).stdout).toContain('Success:')
  // As the real one does: what it renames, it serves for half a minute more.
  const left = await filesIn(join(portal.root, 'var/www/portal/wp-content/cache'))
  expect(left.filter((name) => !name.endsWith('_old'))).toEqual([])
  await access(join(portal.root, 'var/www/portal/wp-content/uploads/2026/holiday photo.jpg'))
})

test('wp cleans the cache of WP Rocket once, and then says that there is none', async () => {
  await wp(main, '/var/www/main', 'cli', 'has-command', 'rocket')
  expect((await wp(main, '/var/www/main', 'rocket', 'clean', '--confirm')).stdout).toContain('Success:')
  expect(await filesIn(join(main.root, 'var/www/main/wp-content/cache'))).toEqual([])
  await expect(wp(main, '/var/www/main', 'rocket', 'clean', '--confirm')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No cache files are cleared') as string,
  })
})

test('wp knows no command of a plugin that is not active', async () => {
  await expect(wp(portal, '/var/www/portal', 'cli', 'has-command', 'rocket')).rejects.toMatchObject({ code: 1 })
  await expect(wp(main, '/var/www/main', 'w3-total-cache', 'flush', 'all')).rejects.toMatchObject({
    stderr: expect.stringContaining("'w3-total-cache' is not a registered wp command") as string,
  })
})

test('nginx writes down a reload, and refuses without a configuration', async () => {
  const nginx = join(portal.root, 'usr/sbin/nginx')
  await run(nginx, ['-t'])
  process.kill(Number(await readFile(join(portal.root, 'run/nginx.pid'), 'utf8')), 'SIGHUP')
  const log = () => readFile(join(portal.root, 'var/log/nginx/error.log'), 'utf8').catch(() => '')
  await vi.waitFor(async () => {
    expect(await log()).toContain('(SIGHUP) received, reconfiguring')
  }, 10_000)
  await rm(join(portal.root, 'etc/nginx/nginx.conf'))
  await expect(run(nginx, ['-t'])).rejects.toMatchObject({ stderr: expect.stringContaining('[emerg]') as string })
})

test('the pid file of nginx names a process that lives', async () => {
  const pid = Number(await readFile(join(portal.root, 'run/nginx.pid'), 'utf8'))
  expect(() => process.kill(pid, 0)).not.toThrow()
})

test('scripts are root here, and may become any user', async () => {
  expect((await run(join(portal.root, 'usr/bin/id'), ['-un'])).stdout).toBe('root\n')
  expect((await run(join(portal.root, 'usr/sbin/runuser'), ['-u', 'ubuntu', '--', 'echo', 'a b'])).stdout).toBe('a b\n')
})

test('an emptied cache fills again', async () => {
  const layer = config.targets[0]!.layers[1]!
  await rm(join(portal.root, 'var/cache/nginx/portal'), { recursive: true })
  expect(await fillCache(portal.root, layer)).toBe(join(portal.root, 'var/cache/nginx/portal'))
  expect((await filesIn(join(portal.root, 'var/cache/nginx/portal'))).length).toBeGreaterThan(12)
})
