import { symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createInstance, failure, type Instance } from './instance.ts'

const CACHE = 'var/cache/nginx'
const ENTRY = `${CACHE}/a/bc/0123456789abcdef0123456789abcdef`

function purge(instance: Instance) {
  return instance.run('purge-fastcgi', { CachePath: instance.path(CACHE), NginxPidFile: instance.pidFile })
}

/** An nginx that runs, and whose cache it is. */
async function createInstanceWithNginx(body?: string) {
  const instance = createInstance()
  instance.write(ENTRY)
  await instance.startNginx(body ?? shows(instance))
  return instance
}

const shows = (instance: Instance): string => `echo 'fastcgi_cache_path ${instance.path(CACHE)} levels=1:2 keys_zone=x:1m;'`

it('tests the configuration, reloads, deletes, and reloads', async () => {
  const instance = await createInstanceWithNginx()
  const run = await purge(instance)
  expect(run).toMatchObject({
    code: 0,
    stderr: '',
    result: { action: 'deleted', files: 1, detail: 'The cached files are deleted; nginx reloaded.' },
  })
  expect(instance.calls()).toEqual(['nginx|-T', 'HUP', 'HUP'])
})

it('has deleted the files before the last reload, not after', async () => {
  const instance = await createInstanceWithNginx()
  instance.stub(
    'find',
    // But for the question what find knows.
    `[ "$1" = /dev/null ] || echo "find $(grep -c HUP '${instance.path('calls')}')" >>'${instance.path('calls')}'; exec ${instance.toolPath('find')} "$@"`,
  )
  expect(await purge(instance)).toMatchObject({ code: 0 })
  const calls = instance.calls()
  expect(calls.filter((call) => call === 'HUP')).toHaveLength(2)
  expect(calls.at(-1)).toBe('HUP')
  expect(calls.filter((call) => call.includes('-delete')).length).toBeGreaterThan(0)
  expect(calls.filter((call) => /^find \d/.test(call))).toEqual(calls.filter((call) => /^find \d/.test(call)).map(() => 'find 1'))
})

it('deletes nothing when nginx -t refuses the configuration', async () => {
  const instance = await createInstanceWithNginx(`echo 'nginx: [emerg] unknown directive "foo" in /etc/nginx/nginx.conf:3' >&2; exit 1`)
  const run = await purge(instance)
  expect(run).toMatchObject(failure)
  expect(run.stderr).toContain('unknown directive "foo"')
  expect(run.stderr).toContain('nothing was deleted')
  expect(instance.exists(ENTRY)).toBe(true)
  expect(instance.calls()).toEqual(['nginx|-T'])
})

it.each([
  ['a process that is no nginx', (instance: Instance) => instance.write('run/nginx.pid', String(process.pid))],
  ['no process', (instance: Instance) => instance.write('run/nginx.pid', '4194305')],
])('deletes nothing when the pid file names %s, and signals nothing', async (_, prepare) => {
  const instance = createInstance()
  prepare(instance)
  instance.write(ENTRY)
  instance.stub('nginx')
  const run = await instance.run('purge-fastcgi', { CachePath: instance.path(CACHE), NginxPidFile: instance.pidFile, TrustDirectory: 'no' })
  expect(run).toMatchObject({
    ...failure,
    stderr: expect.stringContaining('nothing was deleted. Start it, correct nginxPidFile') as string,
  })
  expect(instance.exists(ENTRY)).toBe(true)
  expect(instance.calls()).toEqual([])
})

it('deletes nothing when the master refuses to reload', { timeout: 30_000 }, async () => {
  const instance = await createInstanceWithNginx()
  instance.write('refuses')
  const run = await purge(instance)
  expect(run).toMatchObject({ ...failure, stderr: expect.stringContaining('nginx did not reload its configuration') as string })
  expect(run.stderr).toContain('nothing was deleted')
  expect(instance.exists(ENTRY)).toBe(true)
})

it('fails when the last reload fails, and says that the files are gone', async () => {
  const instance = await createInstanceWithNginx()
  const find = instance.toolPath('find')
  instance.stub('find', `case " $* " in *' -delete '*) >'${instance.path('refuses')}' ;; esac; exec ${find} "$@"`)
  const run = await purge(instance)
  expect(run).toMatchObject(failure)
  expect(run.stderr).toContain('the cached files are gone (1), but nginx did not reload')
  expect(instance.exists(ENTRY)).toBe(false)
})

it.each([
  ['empty', (instance: Instance) => instance.directory(CACHE)],
  ['absent', (instance: Instance) => instance.root],
])('reloads nginx also when the cache is %s', async (action, prepare) => {
  const instance = createInstance()
  prepare(instance)
  await instance.startNginx(shows(instance))
  expect(await purge(instance)).toMatchObject({ code: 0, result: { action, detail: expect.stringContaining('nginx reloaded') as string } })
  expect(instance.calls()).toEqual(['nginx|-T', 'HUP', 'HUP'])
})

// 2^22 is the largest process id that Linux gives, and macOS stops far below.
it.each([
  ['no pid file', undefined],
  ['an empty one', ''],
  ['one without a number', 'nginx\n'],
  ['process 0', '0\n'],
  ['minus one', '-1\n'],
  ['a dead process', '4194305\n'],
])('deletes and leaves nginx alone with %s', async (_, pid) => {
  const instance = createInstance()
  if (pid !== undefined) instance.write('run/nginx.pid', pid)
  instance.write(ENTRY)
  instance.stub('nginx')
  const run = await purge(instance)
  expect(run).toMatchObject({ code: 0, stderr: '', result: { action: 'deleted', files: 1 } })
  expect(run.stdout).toContain('nginx is not running')
  expect(run.result).toMatchObject({ inFlight: 'unknown' })
  expect(run.stdout).toContain('nothing to reload')
  expect(instance.exists(ENTRY)).toBe(false)
  expect(instance.calls()).toEqual([])
})

describe('asked for its caches, a running nginx', () => {
  const purgeKnown = (instance: Instance) =>
    instance.run('purge-fastcgi', { CachePath: instance.path(CACHE), NginxPidFile: instance.pidFile, TrustDirectory: 'no' })

  it.each([
    ['on a line of its own', (cache: string) => `http {\n  fastcgi_cache_path ${cache} levels=1:2 keys_zone=x:1m;\n}`],
    ['after a tab', (cache: string) => `fastcgi_cache_path\t${cache}\tlevels=1:2 keys_zone=x:1m;`],
    ['on the next line', (cache: string) => `fastcgi_cache_path\n  ${cache}\n  levels=1:2;`],
    ['in single quotes', (cache: string) => `fastcgi_cache_path '${cache}' levels=1:2;`],
    ['behind another directive', (cache: string) => `http { gzip on; proxy_cache_path ${cache}/ keys_zone=x:1m; }`],
    ['behind a comment with a quote', (cache: string) => `# don't\nuwsgi_cache_path ${cache} keys_zone=x:1m; # it's`],
  ])('says so with the path %s', async (_, text) => {
    const known = await createInstanceWithNginx()
    known.write('nginx.conf', text(known.path(CACHE)))
    known.stub('nginx', `# knows fastcgi_cache_path\n[ "$1" != -T ] || printf '%s\\n' "$(<'${known.path('nginx.conf')}')"`)
    expect(await purgeKnown(known)).toMatchObject({ code: 0, result: { action: 'deleted', files: 1 } })
    expect(known.exists(ENTRY)).toBe(false)
  })

  it('has the last word: what is none of its caches is refused, with those that it has', async () => {
    const instance = await createInstanceWithNginx(`echo 'fastcgi_cache_path /var/cache/nginx/other levels=1:2 keys_zone=x:1m;'`)
    const run = await purgeKnown(instance)
    expect(run).toMatchObject(failure)
    expect(run.stderr).toContain('its caches are in /var/cache/nginx/other; nothing was deleted')
    expect(instance.exists(ENTRY)).toBe(true)
  })

  it.each([
    ['the directory above its cache', CACHE.replace(/\/[^/]*$/, '')],
    ['a directory within its cache', `${CACHE}/a`],
  ])('has the last word also of %s', async (_, path) => {
    const instance = await createInstanceWithNginx()
    for (const trust of ['yes', 'no']) {
      const run = await instance.run('purge-fastcgi', {
        CachePath: instance.path(path),
        NginxPidFile: instance.pidFile,
        TrustDirectory: trust,
      })
      expect(run).toMatchObject({ ...failure, stderr: expect.stringContaining(`its caches are in ${instance.path(CACHE)};`) as string })
    }
    expect(instance.exists(ENTRY)).toBe(true)
  })

  it('knows its cache by a link to it', async () => {
    const instance = await createInstanceWithNginx()
    instance.directory('srv/links')
    symlinkSync(instance.path(CACHE), instance.path('srv/links/pages'))
    const run = await instance.run('purge-fastcgi', {
      CachePath: instance.path('srv/links/pages'),
      NginxPidFile: instance.pidFile,
      TrustDirectory: 'no',
    })
    expect(run).toMatchObject({ code: 0, result: { action: 'deleted', files: 1 } })
  })

  it('is needed, unless the configuration says that the path can be trusted', async () => {
    const instance = createInstance()
    instance.write(ENTRY)
    const run = await purgeKnown(instance)
    expect(run).toMatchObject({ ...failure, stderr: expect.stringContaining('set trustCachePath') as string })
    expect(instance.exists(ENTRY)).toBe(true)
  })
})
