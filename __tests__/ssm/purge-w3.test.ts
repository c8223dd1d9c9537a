import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createInstance, failure, me } from './instance.ts'

const success = "echo 'Success: Everything flushed successfully.'"

function createSite() {
  const instance = createInstance()
  instance.write('srv/site/wp-config.php')
  return { ...instance, purge: (RunAs = me) => instance.run('purge-w3', { SitePath: instance.site, RunAs }) }
}

it('flushes everything, and reports what left the site cache', async () => {
  const instance = createSite()
  const cache = instance.path('srv/site/wp-content/cache')
  instance.write('srv/site/wp-content/cache/page_enhanced/a b/_index.html', 'x'.repeat(5000))
  instance.write('srv/site/wp-content/cache/object/1')
  instance.write('srv/site/wp-content/cache/.htaccess')
  instance.stub(
    'wp',
    `[ "$1" = eval ] || ${instance.toolPath('rm')} -rf '${cache}'/page_enhanced '${cache}'/object; echo 'Success: Everything flushed successfully.'`,
  )
  const run = await instance.purge()
  expect(run).toMatchObject({ code: 0, stderr: '', result: { action: 'flushed', files: 2 } })
  expect(run.stdout.trimEnd().split('\n')).toHaveLength(1)
  expect(instance.calls().filter((call) => !call.includes('eval') && call.startsWith('wp|'))).toEqual([
    `wp|w3-total-cache|flush|all|--path=${instance.site}`,
  ])
  expect(instance.exists('srv/site/wp-config.php')).toBe(true)
})

it('reports zeros for a site whose caches are not files', async () => {
  const instance = createSite()
  instance.stub('wp', success)
  expect(await instance.purge()).toMatchObject({ code: 0, result: { action: 'flushed', freedBytes: 0, files: 0 } })
})

it('reports zero, not less, when the cache has grown meanwhile', async () => {
  const instance = createSite()
  const cache = instance.directory('srv/site/wp-content/cache')
  instance.stub('wp', `for i in 1 2 3; do printf '%05000d' 1 >'${cache}'/$i; done; ${success}`)
  expect(await instance.purge()).toMatchObject({ code: 0, result: { freedBytes: 0, files: 0 } })
})

it('becomes the user that owns the site when it runs as root', async () => {
  const instance = createSite()
  instance.stub('id', 'case $1 in -u) echo 0 ;; *) echo root ;; esac')
  instance.stub('runuser', 'shift 3; exec "$@"')
  instance.stub('wp', success)
  expect(await instance.purge('www-data')).toMatchObject({ code: 0 })
  const wp = `wp|w3-total-cache|flush|all|--path=${instance.site}`
  expect(instance.calls().filter((call) => call.includes('|flush|'))).toEqual([`runuser|-u|www-data|--|${wp}`, wp])
})

it('fails without root when the site belongs to another user', async () => {
  const instance = createSite()
  instance.stub('id', 'case $1 in -u) echo 1000 ;; *) echo bob ;; esac')
  instance.stub('wp')
  expect(await instance.purge('www-data')).toMatchObject({
    ...failure,
    stderr: expect.stringContaining('only root can change the user') as string,
  })
  expect(instance.calls()).not.toContainEqual(expect.stringContaining('wp'))
})

it('fails as root when runuser is missing', async () => {
  const instance = createSite()
  instance.stub('id', 'case $1 in -u) echo 0 ;; *) echo root ;; esac')
  instance.stub('wp')
  expect(await instance.purge('www-data')).toMatchObject({
    ...failure,
    stderr: expect.stringContaining('runuser (util-linux) is not installed') as string,
  })
})

it('gives the site code nothing of its own environment but a PATH and a home', async () => {
  const instance = createSite()
  instance.stub('wp', `env >'${instance.path('env')}'`)
  await instance.purge()
  const names = readFileSync(instance.path('env'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('=')[0]) // prettier-ignore
  // PWD, SHLVL and _ come from the stub's own bash.
  expect(names.filter((name) => !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(name ?? '')).sort()).toEqual(['HOME', 'LANG', 'PATH'])
})

it('runs wp in the site, with no input to wait for', async () => {
  const instance = createSite()
  instance.stub('wp', `{ pwd; read -r answer || echo end of input; } >'${instance.path('seen')}'`)
  await instance.purge()
  expect(readFileSync(instance.path('seen'), 'utf8')).toBe(`${instance.site}\nend of input\n`)
})

it('fails when wp is not installed, and says what to install', async () => {
  expect(await createSite().purge()).toMatchObject({ ...failure, stderr: expect.stringContaining('install WP-CLI') as string })
})

it('fails when the site is not there', async () => {
  const instance = createInstance()
  instance.stub('wp')
  const run = await instance.run('purge-w3', { SitePath: instance.path('srv/gone'), RunAs: me })
  expect(run).toMatchObject({ ...failure, stderr: expect.stringContaining('SitePath is not a directory') as string })
  expect(instance.calls()).toEqual([])
})

it('fails when the plugin is not active, and says so', async () => {
  const instance = createSite()
  const error = "Error: 'w3-total-cache' is not a registered wp command. See 'wp help' for available commands."
  instance.stub('wp', `echo "${error}" >&2; exit 1`)
  const run = await instance.purge()
  expect(run).toMatchObject(failure)
  expect(run.stderr).toBe(
    `${error}\npurgeflow: W3 Total Cache is not active in this site: activate it, or take this layer out of the configuration\n`,
  )
})

it.each([
  ['exits with 255', 'echo PHP Fatal error; exit 255', 'exit code 255'],
  ['says Error: and exits with 0', 'echo "Error: Flushing all failed."', 'Flushing all failed'],
  ['says Warning: and no Success:', 'echo "Flushing"; echo "Warning: some hosts did not answer" >&2', 'some hosts did not answer'],
  ['says nothing and exits with 0', 'exit 0', 'no line that begins with Success:'],
])('fails when wp %s', async (_, body, message) => {
  const instance = createSite()
  instance.stub('wp', body)
  const run = await instance.purge()
  expect(run).toMatchObject(failure)
  expect(run.stderr).toContain(message)
  expect(run.stderr).toContain('wp w3-total-cache flush all failed')
})

it('keeps the output small, whatever wp prints', async () => {
  const instance = createSite()
  instance.stub('wp', 'for i in {1..5000}; do echo "PHP Notice $i: something"; done; exit 3')
  const run = await instance.purge()
  expect(run).toMatchObject(failure)
  expect(run.stderr).toContain('PHP Notice 5000')
  expect(run.stderr.length).toBeLessThan(2500)
})

it('takes the complaint of another plugin beside Success: for a note', async () => {
  const instance = createSite()
  instance.stub('wp', `echo 'Warning: "wp-statistics" is confused' >&2; ${success}`)
  expect(await instance.purge()).toMatchObject({
    code: 0,
    stderr: '',
    result: { action: 'flushed', detail: expect.stringContaining('wp also said: Warning: wp-statistics is confused') as string },
  })
})

/** W3 Total Cache as it is: asked where it keeps pages, and a flush that renames them. */
const w3 = (instance: ReturnType<typeof createSite>, cache: string, engine = 'file_generic', said = success) => {
  instance.stub('mv', `exec ${execFileSync('bash', ['-c', 'type -P mv'], { encoding: 'utf8' }).trim()} "$@"`)
  instance.stub(
    'wp',
    [
      `case "$1" in`,
      `eval) printf '\\npurgeflow-cache=%s\\npurgeflow-content=%s\\npurgeflow-engine=%s\\n' '${cache}' '${dirname(cache)}' '${engine}' ;;`,
      `w3-total-cache) find '${cache}/page_enhanced' -type f -name '_index*' ! -name '*_old' 2>/dev/null | while read -r f; do mv "$f" "$f"_old; done; ${said} ;;`,
      'esac',
    ].join('\n'),
  )
}

describe('pages that the flush renamed', () => {
  it.each([
    ['wp-content/cache', 'srv/site/wp-content/cache'],
    ['the cache of Bedrock', 'srv/site/web/app/cache'],
    ['a W3TC_CACHE_DIR outside the site', 'mnt/w3 cache'],
  ])('are deleted and counted, in %s', async (_, cache) => {
    const instance = createSite()
    for (const name of ['_index_slash_ssl.html', '_index_slash_ssl.html_gzip', '_index.xml'])
      instance.write(`${cache}/page_enhanced/www.example.com/a b/${name}`)
    instance.write(`${cache}/page_enhanced/www.example.com/.htaccess`)
    w3(instance, instance.path(cache))
    expect(await instance.purge()).toMatchObject({
      code: 0,
      stderr: '',
      result: { files: 3, detail: `W3 Total Cache flushed all its caches, and no older page is left in ${instance.path(cache)}.` },
    })
    expect(readdirSync(instance.path(cache, 'page_enhanced/www.example.com'))).toEqual(['.htaccess'])
  })

  it('are enough of a success where wp speaks another language', async () => {
    const instance = createSite()
    instance.write('srv/site/wp-content/cache/page_enhanced/www.example.com/_index.html')
    w3(instance, instance.path('srv/site/wp-content/cache'), 'file_generic', "echo 'Erfolg: Alles geleert.'")
    expect(await instance.purge()).toMatchObject({ code: 0, result: { action: 'flushed', files: 1 } })
  })
})

it('deletes pages of Disk: Basic that stayed', async () => {
  const instance = createSite()
  const hash = '0123456789abcdef0123456789abcdef'
  instance.write(`srv/site/wp-content/cache/page/012/345/${hash}.php`)
  instance.write('srv/site/wp-content/cache/page/notes.php', 'mine')
  w3(instance, instance.path('srv/site/wp-content/cache'), 'file')
  const run = await instance.purge()
  expect(run).toMatchObject({
    code: 0,
    result: { files: 1, detail: expect.stringContaining('Left 1 files that are no cache entries: notes.php.') as string },
  })
  expect(readdirSync(instance.path('srv/site/wp-content/cache/page'))).toEqual(['notes.php'])
})

it.each([
  ['redis', 'Pages are in redis, where nothing can be looked at, and it may serve old ones for 30 s.'],
  ['', 'Where it keeps pages is not known'],
])('does not vouch for pages in %j', async (engine, said) => {
  const instance = createSite()
  w3(instance, instance.path('srv/site/wp-content/cache'), engine)
  const run = await instance.purge()
  expect(run).toMatchObject({ code: 0, result: { detail: expect.stringContaining(said) as string } })
  expect(run.stdout).toContain('says that it flushed')
})

it('flushes nothing where the cache is a link, and says where it leads', async () => {
  const instance = createSite()
  instance.write('home/alice/_index.html', 'precious')
  instance.directory('srv/site/wp-content/cache')
  symlinkSync(instance.path('home/alice'), instance.path('srv/site/wp-content/cache/page_enhanced'))
  w3(instance, instance.path('srv/site/wp-content/cache'))
  const run = await instance.purge()
  expect(run).toMatchObject({
    ...failure,
    stderr: expect.stringContaining(`goes through a link, to ${instance.path('home/alice')}`) as string,
  })
  expect(readFileSync(instance.path('home/alice/_index.html'), 'utf8')).toBe('precious')
  expect(instance.calls()).not.toContainEqual(expect.stringContaining('flush'))
})

it.each(['find', 'du'])('does nothing without %s, and says so', async (tool) => {
  const instance = createSite()
  w3(instance, instance.path('srv/site/wp-content/cache'))
  rmSync(instance.path('bin', tool))
  expect(await instance.purge()).toMatchObject({ ...failure, stderr: expect.stringContaining(`this instance lacks ${tool}`) as string })
  expect(instance.calls()).toEqual([])
})

it('fails where a page stays that cannot be deleted', async () => {
  const instance = createSite()
  instance.write('srv/site/wp-content/cache/page_enhanced/www.example.com/_index.html', 'the old copy')
  instance.stub('wp', success)
  instance.stub('find', `case " $* " in *' -delete '*) exit 1 ;; esac; exec ${instance.toolPath('find')} "$@"`)
  const run = await instance.purge()
  expect(run).toMatchObject(failure)
  expect(run.stderr).toContain(`1 entries of the cache could not be deleted as ${me}`)
})
