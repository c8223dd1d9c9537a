import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createInstance, failure, me } from './instance.ts'

const CACHE = 'srv/site/wp-content/cache/wp-rocket'

function createSite() {
  const instance = createInstance()
  instance.write('srv/site/wp-config.php')
  return {
    ...instance,
    purge: (RunAs = me) => instance.run('purge-wprocket', { SitePath: instance.site, CachePath: instance.cache, RunAs }),
  }
}

/** wp with a rocket command; `clean` is what `wp rocket clean` does. */
function createSiteWithRocket(clean: (cache: string, rm: string) => string) {
  const instance = createSite()
  instance.write(`${CACHE}/example.com/index-https.html`)
  instance.write(`${CACHE}/index.html`, '')
  instance.stub('wp', `case "$1" in cli) exit 0 ;; rocket) ${clean(instance.cache, instance.toolPath('rm'))} ;; esac`)
  return instance
}

describe('with the rocket command', () => {
  it('cleans through WP Rocket, then removes what it left', async () => {
    const instance = createSiteWithRocket((cache, rm) => `${rm} -rf '${cache}/example.com'; echo 'Success: All cache files cleared.'`)
    expect(await instance.purge()).toMatchObject({ code: 0, stderr: '', result: { action: 'flushed', files: 2 } })
    expect(instance.calls()).toEqual([
      `wp|cli|has-command|rocket|--path=${instance.site}`,
      `wp|rocket|clean|--confirm|--path=${instance.site}`,
    ])
    expect(readdirSync(instance.cache)).toEqual([])
  })

  it('does not believe a success that removed nothing', async () => {
    const instance = createSiteWithRocket(() => `echo 'Success: All cache files cleared.'`)
    expect(await instance.purge()).toMatchObject({ code: 0, result: { action: 'flushed' } })
    expect(readdirSync(instance.cache)).toEqual([])
  })

  it('copes with a clean that replaces the directory', async () => {
    const instance = createSiteWithRocket((cache, rm) => `${rm} -rf '${cache}'; mkdir '${cache}'; echo 'Success: All cache files cleared.'`)
    instance.stub('mkdir', `exec /bin/mkdir "$@"`)
    expect(await instance.purge()).toMatchObject({ code: 0, result: { action: 'flushed', files: 2 } })
  })

  it('fails when files of before the clean cannot be removed', async () => {
    const instance = createSiteWithRocket(() => `echo 'Success: All cache files cleared.'`)
    instance.stub('find', `case " $* " in *' -delete '*) exit 1 ;; esac; exec ${instance.toolPath('find')} "$@"`)
    expect(await instance.purge()).toMatchObject({ ...failure, stderr: expect.stringContaining('example.com') as string })
  })

  const nothing = `echo 'Deleting all cache files.'; echo 'Error: No cache files are cleared.' >&2; exit 1`

  it('counts nothing to clean as a success', async () => {
    const instance = createSiteWithRocket(() => nothing)
    for (const page of readdirSync(instance.cache)) rmSync(join(instance.cache, page), { recursive: true })
    expect(await instance.purge()).toMatchObject({ code: 0, stderr: '', result: { action: 'empty', freedBytes: 0, files: 0 } })
  })

  it('removes files that WP Rocket does not count as its own', async () => {
    const instance = createSiteWithRocket(() => nothing)
    expect(await instance.purge()).toMatchObject({ code: 0, result: { action: 'deleted', files: 2 } })
    expect(readdirSync(instance.cache)).toEqual([])
  })

  it('counts a directory that is not there, with nothing to clean, as absent', async () => {
    const instance = createSite()
    instance.stub('wp', `case "$1" in cli) exit 0 ;; rocket) ${nothing} ;; esac`)
    expect(await instance.purge()).toMatchObject({ code: 0, result: { action: 'absent', freedBytes: 0, files: 0 } })
  })

  it('deletes the files itself where the plugin is not active', async () => {
    const instance = createSiteWithRocket(() => `echo 'Error:  The plugin WP-Rocket seems not enabled on this site.' >&2; exit 1`)
    expect(await instance.purge()).toMatchObject({ code: 0, result: { action: 'deleted', files: 2 } })
  })

  it.each([
    ['exits with 255', 'echo PHP Fatal error; exit 255'],
    ['says Error: and exits with 0', 'echo "Error: no permission"'],
    ['says Warning: and no Success:', 'echo "Warning: no permission"'],
    ['says nothing', 'exit 0'],
  ])('fails, and deletes nothing, when the clean %s', async (_, clean) => {
    const instance = createSiteWithRocket(() => clean)
    const run = await instance.purge()
    expect(run).toMatchObject({ ...failure, stderr: expect.stringContaining('wp rocket clean failed') as string })
    expect(instance.exists(`${CACHE}/example.com/index-https.html`)).toBe(true)
  })

  it('becomes the user that owns the site when it runs as root', async () => {
    const instance = createSiteWithRocket(() => `echo 'Success: All cache files cleared.'`)
    instance.stub('id', 'case $1 in -u) echo 0 ;; *) echo root ;; esac')
    instance.stub('runuser', 'shift 3; exec "$@"')
    expect(await instance.purge('www-data')).toMatchObject({ code: 0 })
    expect(instance.calls()).toContain(`runuser|-u|www-data|--|wp|rocket|clean|--confirm|--path=${instance.site}`)
    const deletions = instance.calls().filter((call) => call.endsWith('|-delete') && call.startsWith('runuser'))
    expect(deletions).toContainEqual(expect.stringMatching(/^runuser\|-u\|www-data\|--\|find\|/))
  })
})

describe('without the rocket command', () => {
  it.each([
    ['wp is not installed', undefined],
    ['wp does not know rocket', 'exit 1'],
  ])('deletes the content of the directory when %s', async (_, wp) => {
    const instance = createSite()
    instance.write(`${CACHE}/example.com/a b/index-https.html_gzip`)
    if (wp !== undefined) instance.stub('wp', wp)
    expect(await instance.purge()).toMatchObject({ code: 0, stderr: '', result: { action: 'deleted', files: 1 } })
    expect(readdirSync(instance.cache)).toEqual([])
    expect(instance.calls()).not.toContainEqual(expect.stringContaining('clean'))
  })

  it('says that the directory is absent', async () => {
    expect(await createSite().purge()).toMatchObject({ code: 0, result: { action: 'absent', freedBytes: 0, files: 0 } })
  })

  it('says that the directory is empty', async () => {
    const instance = createSite()
    instance.directory(CACHE)
    expect(await instance.purge()).toMatchObject({ code: 0, result: { action: 'empty', files: 0 } })
  })

  it('fails when the site is not there', async () => {
    const instance = createInstance()
    instance.write('elsewhere/cache/file')
    const run = await instance.run('purge-wprocket', {
      SitePath: instance.path('srv/gone'),
      CachePath: instance.path('elsewhere/cache'),
      RunAs: me,
    })
    expect(run).toMatchObject({ ...failure, stderr: expect.stringContaining('SitePath is not a directory') as string })
    expect(instance.exists('elsewhere/cache/file')).toBe(true)
  })
})

describe('what is no cache entry', () => {
  it('stays, and the message names it', async () => {
    const instance = createSite()
    instance.write(`${CACHE}/www.example.com/index-https-webp.html_gzip`)
    instance.write(`${CACHE}/www.example.com/.mobile-active`)
    instance.write(`${CACHE}/www.example.com/shop/report.csv`, 'mine')
    instance.write(`${CACHE}/backup/db.sql.gz`, 'mine')
    symlinkSync(instance.site, instance.path(CACHE, 'www.example.com/index.html'))
    const run = await instance.purge()
    expect(run).toMatchObject({ code: 0, stderr: '', result: { action: 'deleted', files: 2 } })
    expect(run.stdout).toContain('Left 3 files that are no cache entries: ')
    expect(run.stdout).toContain('backup/db.sql.gz')
    expect(readFileSync(instance.path(CACHE, 'backup/db.sql.gz'), 'utf8')).toBe('mine')
    expect(readFileSync(instance.path(CACHE, 'www.example.com/shop/report.csv'), 'utf8')).toBe('mine')
    expect(readlinkSync(instance.path(CACHE, 'www.example.com/index.html'))).toBe(instance.site)
  })

  it.each([
    ['the cache', CACHE],
    ['its parent', 'srv/site/wp-content/cache'],
    ['wp-content', 'srv/site/wp-content'],
  ])('is safe behind a link in place of %s', async (_, path) => {
    const instance = createSite()
    const outside = instance.write('home/alice/wp-rocket/index.html', 'precious')
    instance.write('home/alice/cache/wp-rocket/index.html', 'precious')
    instance.directory(dirname(path))
    symlinkSync(instance.path(path === CACHE ? 'home/alice/wp-rocket' : 'home/alice'), instance.path(path))
    const run = await instance.purge()
    expect(run).toMatchObject({ ...failure, stderr: expect.stringContaining('goes through a link, to ') as string })
    expect(readFileSync(outside, 'utf8')).toBe('precious')
    expect(instance.exists('home/alice/cache/wp-rocket/index.html')).toBe(true)
  })

  it('is all of a directory that is not called wp-rocket', async () => {
    const instance = createSite()
    const page = instance.write('srv/help/releases/1/index.html')
    const run = await instance.run('purge-wprocket', { SitePath: instance.site, CachePath: instance.path('srv/help'), RunAs: me })
    expect(run).toMatchObject({ ...failure, stderr: expect.stringContaining("is not WP Rocket's directory wp-rocket") as string })
    expect(existsSync(page)).toBe(true)
  })
})

it('empties the directory of a host whose pages are called themes, plugins and uploads', async () => {
  const instance = createSite()
  for (const page of ['themes', 'plugins', 'uploads', 'wp-content']) instance.write(`${CACHE}/example.com/${page}/index-https.html`)
  const run = await instance.run('purge-wprocket', { SitePath: instance.site, CachePath: `${instance.cache}/example.com`, RunAs: me })
  expect(run).toMatchObject({ code: 0, result: { action: 'deleted', files: 4 } })
  expect(readdirSync(join(instance.cache, 'example.com'))).toEqual([])
})

it('reaches the cache of a site whose own path is a link, as deployments make it', async () => {
  const instance = createSite()
  instance.write(`${CACHE}/example.com/index-https.html`)
  symlinkSync(instance.site, instance.path('srv/current'))
  const run = await instance.run('purge-wprocket', {
    SitePath: instance.path('srv/current'),
    CachePath: instance.path('srv/current/wp-content/cache/wp-rocket'),
    RunAs: me,
  })
  expect(run).toMatchObject({ code: 0, result: { action: 'deleted', files: 1 } })
})
