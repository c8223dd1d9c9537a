import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createInstance, failure, me } from './instance.ts'

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
    `${instance.toolPath('rm')} -rf '${cache}'/page_enhanced '${cache}'/object; echo 'Success: Everything flushed successfully.'`,
  )
  const run = await instance.purge()
  expect(run).toMatchObject({ code: 0, stderr: '', result: { action: 'flushed', files: 2 } })
  expect(run.stdout.trimEnd().split('\n')).toHaveLength(1)
  expect(instance.calls()).toEqual([`wp|w3-total-cache|flush|all|--path=${instance.site}`])
  expect(instance.exists('srv/site/wp-config.php')).toBe(true)
})

it('reports zeros for a site whose caches are not files', async () => {
  const instance = createSite()
  instance.stub('wp')
  expect(await instance.purge()).toMatchObject({ code: 0, result: { action: 'flushed', freedBytes: 0, files: 0 } })
})

it('reports zero, not less, when the cache has grown meanwhile', async () => {
  const instance = createSite()
  const cache = instance.directory('srv/site/wp-content/cache')
  instance.stub('wp', `for i in 1 2 3; do printf '%05000d' 1 >'${cache}'/$i; done`)
  expect(await instance.purge()).toMatchObject({ code: 0, result: { freedBytes: 0, files: 0 } })
})

it('becomes the user that owns the site when it runs as root', async () => {
  const instance = createSite()
  instance.stub('id', 'case $1 in -u) echo 0 ;; *) echo root ;; esac')
  instance.stub('runuser', 'shift 3; exec "$@"')
  instance.stub('wp')
  expect(await instance.purge('www-data')).toMatchObject({ code: 0 })
  const wp = `wp|w3-total-cache|flush|all|--path=${instance.site}`
  expect(instance.calls().filter((call) => !call.startsWith('id'))).toEqual([`runuser|-u|www-data|--|${wp}`, wp])
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
  ['says Warning: and exits with 0', 'echo "Flushing"; echo "Warning: some hosts did not answer" >&2', 'some hosts did not answer'],
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

it('fails when the plugin says Success and its page cache is still there', async () => {
  const instance = createSite()
  instance.write('srv/site/wp-content/cache/page_enhanced/www.example.com/_index.html', 'the old copy')
  instance.stub('wp', "echo 'Success: Everything flushed successfully.'")
  const run = await instance.purge()
  expect(run).toMatchObject(failure)
  expect(run.stderr).toContain('reported success, but 1 files of its page cache are still there')
})
