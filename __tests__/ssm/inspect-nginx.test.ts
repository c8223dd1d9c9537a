import { mkdirSync, symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createInstance, type Instance } from './instance.ts'

const conf = (path: string, more = ''): string => `# configuration file /etc/nginx/nginx.conf:
http {
  fastcgi_cache_path ${path} levels=1:2 keys_zone=pages:10m;
  fastcgi_cache_key "$scheme$request_method$host$request_uri";
  server { listen 443 ssl; add_header X-FastCGI-Cache $upstream_cache_status always; ${more} }
}`

/** A cache with three files, and an nginx that runs. */
const createNginx = async (text: (cache: string) => string = conf): Promise<Instance> => {
  const instance = createInstance()
  for (const name of ['a/b/1', 'a/b/2', 'c/3 4']) instance.write(`srv/cache/pages/${name}`, 'x'.repeat(9000))
  instance.write('nginx.conf', `${text(instance.path('srv/cache/pages'))}\n`)
  await instance.startNginx(
    `echo 'nginx: configuration file test is successful' >&2; while IFS= read -r line; do echo "$line"; done <'${instance.path('nginx.conf')}'`,
  )
  return instance
}
const look = (instance: Instance, cache = instance.path('srv/cache/pages')) =>
  instance.run('inspect-nginx', { CachePath: cache, NginxPidFile: instance.pidFile })

describe('inspect-nginx', () => {
  it('reports the facts of a cache that is in order, in one line', async () => {
    const instance = await createNginx()
    const run = await look(instance)
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(run.stdout.trimEnd().split('\n')).toHaveLength(1)
    const { bytes, ...facts } = run.result as Record<string, unknown>
    expect(facts).toEqual({
      action: 'inspected',
      about: 'nginx',
      directory: 'present',
      reason: '',
      files: 3,
      trusted: true,
      running: 'yes',
      config: 'valid',
      problem: '',
      known: true,
      module: 'fastcgi',
      zones: [instance.path('srv/cache/pages')],
      keys: ['$scheme$request_method$host$request_uri'],
      openFileCache: false,
      cacheHeader: true,
    })
    expect(bytes).toBeGreaterThan(27_000)
  })

  it.each(['fastcgi', 'proxy', 'uwsgi', 'scgi'])('knows a cache of %s, its key and no other, whichever is configured', async (module) => {
    const others = ['fastcgi', 'proxy', 'uwsgi', 'scgi'].filter((other) => other !== module).map((other) => `${other}_cache_key odd;`)
    const instance = await createNginx((path) =>
      conf(path, 'OTHERS').replaceAll('fastcgi_cache', `${module}_cache`).replace('OTHERS', others.join(' ')),
    )
    for (const Module of [module, 'fastcgi']) {
      const run = await instance.run('inspect-nginx', {
        CachePath: instance.path('srv/cache/pages'),
        NginxPidFile: instance.pidFile,
        Module,
      })
      expect(run.result).toMatchObject({ known: true, module, keys: ['$scheme$request_method$host$request_uri'] })
    }
  })

  it('calls nginx for its configuration only, and deletes nothing', async () => {
    const instance = await createNginx()
    await look(instance)
    expect(instance.calls()).toEqual(['nginx|-T'])
    for (const name of ['a/b/1', 'a/b/2', 'c/3 4']) expect(instance.exists(`srv/cache/pages/${name}`)).toBe(true)
    expect(instance.exists('tmp')).toBe(true)
  })

  it.each([
    ['absent', (instance: Instance) => instance.path('srv/cache/other'), ''],
    ['refused', (instance: Instance) => instance.write('srv/cache/file'), 'CachePath is not a directory'],
    ['refused', () => '/var/lib', 'CachePath is a system directory'],
  ])('says of a directory that it is %s', async (directory, path, reason) => {
    const instance = await createNginx()
    expect(await look(instance, path(instance))).toMatchObject({
      code: 0,
      result: { directory, reason: expect.stringContaining(reason) as string, files: 0, bytes: 0, known: false },
    })
  })

  it('knows a cache of nginx behind a link, with a slash at its end, and on a line with other directives', async () => {
    const instance = await createNginx(
      (cache) => `http { fastcgi_temp_path /tmp/x; fastcgi_cache_path ${cache}/ levels=1:2; fastcgi_cache_key "$host$request_uri"; }`,
    )
    mkdirSync(instance.path('links'))
    symlinkSync(instance.path('srv/cache/pages'), instance.path('links/pages'))
    expect(await look(instance)).toMatchObject({ result: { known: true, keys: ['$host$request_uri'] } })
    expect(await look(instance, instance.path('links/pages'))).toMatchObject({ result: { known: true } })
  })

  it('takes a comment for no directive', async () => {
    const instance = await createNginx(
      (cache) =>
        `http {\n  # fastcgi_cache_path ${cache} levels=1:2;\n  fastcgi_cache_path /srv/else levels=1; # open_file_cache max=9;\n #add_header X $upstream_cache_status;\n}`,
    )
    expect(await look(instance)).toMatchObject({
      result: { known: false, zones: ['/srv/else'], openFileCache: false, cacheHeader: false, keys: [] },
    })
  })

  it.each([
    ['open_file_cache max=1000 inactive=20s;', true],
    ['open_file_cache off;', false],
    ['open_file_cache_valid 60s;', false],
  ])('finds in %j: open_file_cache is %s', async (line, openFileCache) => {
    expect(await look(await createNginx((cache) => conf(cache, line)))).toMatchObject({ result: { openFileCache } })
  })

  it('names every different key once', async () => {
    const instance = await createNginx(
      (cache) => `${conf(cache)}\nfastcgi_cache_key $request_uri;\nfastcgi_cache_key $request_uri;\nfastcgi_cache_key '$a"\\$b';`,
    )
    expect(await look(instance)).toMatchObject({
      result: { keys: expect.arrayContaining(['$request_uri', '$a$b', '$scheme$request_method$host$request_uri']) as string[] },
    })
  })

  it('quotes what nginx says of a broken configuration', async () => {
    const instance = await createNginx()
    instance.stub(
      'nginx',
      `# knows fastcgi_cache_path
echo 'nginx: [warn] never mind' >&2; echo 'nginx: [emerg] unknown directive "fastcgi_cahce" in /etc/nginx/nginx.conf:7' >&2; exit 1`,
    )
    expect(await look(instance)).toMatchObject({
      code: 0,
      result: { config: 'broken', problem: 'nginx: [emerg] unknown directive fastcgi_cahce in /etc/nginx/nginx.conf:7', known: false },
    })
  })

  it('does not ask an nginx that does not run: that would make its directories and its logs', async () => {
    const instance = createInstance()
    instance.stub('nginx')
    instance.write('run/nginx.pid', '')
    // Another test's may run on this machine.
    expect(await look(instance)).toMatchObject({
      result: { running: expect.stringMatching(/^(no|elsewhere)$/) as string, config: 'unread' },
    })
    expect(instance.calls()).toEqual([])
  })

  it('sees an nginx that the pid file does not name', async () => {
    const instance = await createNginx()
    instance.write('run/nginx.pid', '')
    expect(await look(instance)).toMatchObject({ result: { running: 'elsewhere', config: 'unread' } })
    expect(instance.calls()).toEqual([])
  })

  it('takes no other process for nginx', async () => {
    const instance = createInstance()
    instance.write('run/nginx.pid', `${process.pid}`)
    instance.directory('srv/cache/pages')
    expect(await look(instance)).toMatchObject({
      result: { running: expect.stringMatching(/^(no|elsewhere)$/) as string, config: 'unread' },
    })
  })

  it('stays within what Run Command keeps of an output, whatever nginx says', async () => {
    const long = Array.from(
      { length: 40 },
      (_, index) => `fastcgi_cache_path /srv/${'z'.repeat(300)}${index} levels=1; fastcgi_cache_key "${'k'.repeat(400)}${index}";`,
    ).join('\n')
    const instance = await createNginx(() => long)
    const run = await look(instance)
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(run.stdout.length).toBeLessThan(2000)
    instance.stub(
      'nginx',
      `# knows fastcgi_cache_path
printf 'nginx: [emerg] "\\\\ü\\t%01000d' 1 >&2; exit 1`,
    )
    expect(await look(instance)).toMatchObject({ code: 0, result: { config: 'broken' } })
  })
})
