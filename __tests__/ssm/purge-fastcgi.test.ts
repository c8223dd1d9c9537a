import { describe, expect, it } from 'vitest'
import { createInstance, failure, type Instance } from './instance.ts'

const CACHE = 'var/cache/nginx'
const ENTRY = `${CACHE}/a/bc/0123456789abcdef0123456789abcdef`

function purge(instance: Instance) {
  return instance.run('purge-fastcgi', { CachePath: instance.path(CACHE), NginxPidFile: instance.pidFile })
}

/** An nginx that runs: this test's own process lends its id. */
function createInstanceWithNginx(body = '') {
  const instance = createInstance()
  instance.write('run/nginx.pid', `${process.pid}\n`)
  instance.write(ENTRY)
  instance.stub('nginx', body)
  return instance
}

it('tests the configuration, deletes, then reloads', async () => {
  const instance = createInstanceWithNginx()
  const run = await purge(instance)
  expect(run).toMatchObject({
    code: 0,
    stderr: '',
    result: { action: 'deleted', files: 1, detail: 'The cached files are deleted; nginx reloaded.' },
  })
  expect(instance.calls()).toEqual(['nginx|-T', 'nginx|-s|reload'])
})

it('has deleted the files before the reload, not after', async () => {
  const instance = createInstanceWithNginx()
  const file = instance.path(ENTRY)
  instance.stub('nginx', `case "$1" in -T) [ -e '${file}' ] ;; -s) [ ! -e '${file}' ] ;; esac`)
  expect(await purge(instance)).toMatchObject({ code: 0 })
})

it('deletes nothing when nginx -t refuses the configuration', async () => {
  const instance = createInstanceWithNginx(`echo 'nginx: [emerg] unknown directive "foo" in /etc/nginx/nginx.conf:3' >&2; exit 1`)
  const run = await purge(instance)
  expect(run).toMatchObject(failure)
  expect(run.stderr).toContain('unknown directive "foo"')
  expect(run.stderr).toContain('nothing was deleted')
  expect(instance.exists(ENTRY)).toBe(true)
  expect(instance.calls()).toEqual(['nginx|-T'])
})

it('deletes nothing when nginx runs but its command is missing', async () => {
  const instance = createInstance()
  instance.write('run/nginx.pid', String(process.pid))
  instance.write(ENTRY)
  expect(await purge(instance)).toMatchObject({ ...failure, stderr: expect.stringContaining('nothing was deleted') as string })
  expect(instance.exists(ENTRY)).toBe(true)
})

it('fails when the reload fails, and says that the files are gone', async () => {
  const instance = createInstanceWithNginx(`[ "$1" = -T ] || { echo 'nginx: [error] invalid PID number' >&2; exit 1; }`)
  const run = await purge(instance)
  expect(run).toMatchObject(failure)
  expect(run.stderr).toContain('invalid PID number')
  expect(run.stderr).toContain('the cached files are gone')
  expect(instance.exists(ENTRY)).toBe(false)
})

it.each([
  ['empty', (instance: Instance) => instance.directory(CACHE)],
  ['absent', (instance: Instance) => instance.root],
])('reloads nginx also when the cache is %s', async (action, prepare) => {
  const instance = createInstance()
  prepare(instance)
  instance.write('run/nginx.pid', `${process.pid}\n`)
  instance.stub('nginx')
  expect(await purge(instance)).toMatchObject({ code: 0, result: { action, detail: expect.stringContaining('nginx reloaded') as string } })
  expect(instance.calls()).toEqual(['nginx|-T', 'nginx|-s|reload'])
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
    const known = createInstanceWithNginx()
    known.write('nginx.conf', text(known.path(CACHE)))
    known.stub('nginx', `[ "$1" != -T ] || printf '%s\\n' "$(<'${known.path('nginx.conf')}')"`)
    expect(await purgeKnown(known)).toMatchObject({ code: 0, result: { action: 'deleted', files: 1 } })
    expect(known.exists(ENTRY)).toBe(false)
  })

  it('has the last word: what is none of its caches is refused, with those that it has', async () => {
    const instance = createInstanceWithNginx(`echo 'fastcgi_cache_path /var/cache/nginx/other levels=1:2 keys_zone=x:1m;'`)
    const run = await purgeKnown(instance)
    expect(run).toMatchObject(failure)
    expect(run.stderr).toContain('its caches are in /var/cache/nginx/other; nothing was deleted')
    expect(instance.exists(ENTRY)).toBe(true)
  })

  it('is needed, unless the configuration says that the path can be trusted', async () => {
    const instance = createInstance()
    instance.write(ENTRY)
    const run = await purgeKnown(instance)
    expect(run).toMatchObject({ ...failure, stderr: expect.stringContaining('set trustCachePath') as string })
    expect(instance.exists(ENTRY)).toBe(true)
  })
})
