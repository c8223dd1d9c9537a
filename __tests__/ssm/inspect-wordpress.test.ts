import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createInstance, me, type Instance } from './instance.ts'

type Plugin = 'w3-total-cache' | 'wp-rocket'

const settings = (active: object): string =>
  `<?php exit; ?>${JSON.stringify({ 'cloudflare.enabled': true, 'extensions.active': active, 'extensions.active_frontend': { cloudflare: '*' } }, null, 4)}`

/** wp that says yes to what is in `yes`, prints `options`, and knows nothing else. */
const wp = (yes: readonly string[], options: Readonly<Record<string, string>> = {}): string =>
  [
    'case "$*" in',
    ...yes.map((words) => `'${words}'*) exit 0 ;;`),
    ...Object.entries(options).map(([name, value]) => `'option pluck ${name}'*) echo '${value}'; exit 0 ;;`),
    '*) exit 1 ;;',
    'esac',
  ].join('\n')

const healthy = ['core is-installed', 'plugin is-active w3-total-cache', 'plugin is-active wp-rocket', 'cli has-command rocket']

const timeout = execFileSync('bash', ['-c', 'type -P timeout'], { encoding: 'utf8' }).trim()

const createBareInstance = (): Instance => {
  const instance = createInstance()
  if (!existsSync(instance.path('bin/timeout'))) symlinkSync(timeout, instance.path('bin/timeout'))
  return instance
}

const createSite = (script = wp(healthy)): Instance => {
  const instance = createBareInstance()
  instance.write('srv/site/wp-config.php')
  instance.write('srv/site/wp-content/w3tc-config/master.php', settings({}))
  instance.write('srv/site/wp-content/cache/page_enhanced/www/_index.html', 'x'.repeat(5000))
  instance.write('srv/site/wp-content/cache/wp-rocket/www/index.html', 'x'.repeat(5000))
  instance.stub('wp', script)
  return instance
}
const look = (instance: Instance, Plugin: Plugin = 'w3-total-cache', RunAs = me) =>
  instance.run('inspect-wordpress', {
    SitePath: instance.site,
    CachePath: instance.path('srv/site/wp-content/cache', ...(Plugin === 'wp-rocket' ? ['wp-rocket'] : [])),
    RunAs,
    Plugin,
  })

const good = {
  action: 'inspected',
  about: 'wordpress',
  directory: 'present',
  reason: '',
  problem: '',
  site: true,
  wp: 'answers',
  active: true,
  edge: 'none',
  locked: 0,
}

describe('inspect-wordpress', () => {
  it.each<[Plugin, number, boolean]>([
    ['w3-total-cache', 2, false],
    ['wp-rocket', 1, true],
  ])('reports the facts of a site with %s that is in order, in one line', async (plugin, files, command) => {
    const run = await look(createSite(), plugin)
    expect(run).toMatchObject({ code: 0, stderr: '', result: { ...good, files, command } })
    expect(run.stdout.trimEnd().split('\n')).toHaveLength(1)
    expect((run.result as { bytes: number }).bytes).toBeGreaterThan(4000)
  })

  it.each<Plugin>(['w3-total-cache', 'wp-rocket'])(
    'asks wp, for %s, only what changes nothing, and loads no plugin but to find a command',
    async (plugin) => {
      const instance = createSite(wp([...healthy, 'plugin is-active cloudflare']))
      await look(instance, plugin)
      const calls = instance
        .calls()
        .join('\n')
        .replaceAll(/,\n +/g, ', ')
        .split('\n')
        .map((call) => call.replaceAll('|', ' ').replace(` --path=${instance.site}`, ''))
      for (const call of calls)
        expect(call).toMatch(
          /^wp (core is-installed|eval echo .*|plugin is-active [a-z0-9-]+|option pluck \w+ \w+) --skip-plugins --skip-themes$|^wp cli has-command rocket$/,
        )
      expect(calls).toContain('wp core is-installed --skip-plugins --skip-themes')
    },
  )

  it('reports a site that is not there, and does not ask there', async () => {
    const instance = createBareInstance()
    instance.stub('wp')
    expect(await look(instance)).toMatchObject({ code: 0, result: { site: false, wp: 'unasked', directory: 'absent', files: 0, bytes: 0 } })
    expect(instance.calls()).toEqual([])
  })

  it('reports an instance without WP-CLI', async () => {
    const instance = createBareInstance()
    instance.directory('srv/site/wp-content/cache')
    expect(await look(instance)).toMatchObject({ code: 0, result: { wp: 'missing', active: false } })
  })

  it.each([
    [
      'says an error',
      'echo "Deprecated: old" >&2; echo "Error: Error establishing a database connection." >&2; exit 1',
      'Error: Error establishing a database connection.',
    ],
    ['dies of its code', 'echo "PHP Fatal error:  Uncaught \\"x\\\\y\\"" >&2; exit 255', 'PHP Fatal error:  Uncaught xy'],
    ['says nothing', 'exit 1', ''],
  ])('quotes wp where it %s', async (_, script, problem) => {
    expect(await look(createSite(script))).toMatchObject({ code: 0, result: { wp: 'failed', problem, active: false } })
  })

  it('reports a plugin that is not active', async () => {
    expect(await look(createSite(wp(['core is-installed'])))).toMatchObject({ result: { wp: 'answers', active: false } })
  })

  it('reports a WP Rocket without its command', async () => {
    expect(await look(createSite(wp(['core is-installed', 'plugin is-active wp-rocket'])), 'wp-rocket')).toMatchObject({
      result: { active: true, command: false },
    })
  })

  it('reports a user that does not exist', async () => {
    const instance = createSite()
    instance.stub('id', `case "$*" in -u) echo 0 ;; -un) echo root ;; *) exit 1 ;; esac`)
    instance.stub('runuser')
    expect(await look(instance, 'w3-total-cache', 'nobody-here')).toMatchObject({
      code: 0,
      result: { wp: 'no-user', problem: 'there is no user nobody-here on this instance' },
    })
    expect(instance.calls().filter((call) => !call.startsWith('id'))).toEqual([])
  })

  it('reports that it cannot become the user', async () => {
    const instance = createSite()
    instance.stub('id', `case "$*" in -u) echo 0 ;; *) echo root ;; esac`)
    expect(await look(instance, 'w3-total-cache', 'www-data')).toMatchObject({
      result: { wp: 'no-user', problem: expect.stringContaining('runuser (util-linux) is not installed') as string },
    })
  })

  it('asks as the user of the site, and counts where that user may delete nothing', async () => {
    const instance = createSite()
    instance.stub('id', `case "$*" in -u) echo 0 ;; -un) echo root ;; '-u www-data') echo 33 ;; esac`)
    // One of the directories belongs to somebody else: what find would print as that user.
    instance.stub('runuser', 'shift 3; case "$*" in *page_enhanced*) echo x ;; *) exec "$@" ;; esac')
    expect(await look(instance, 'w3-total-cache', 'www-data')).toMatchObject({ code: 0, result: { wp: 'answers', locked: 1 } })
    expect(instance.calls().filter((call) => call.startsWith('runuser'))).toContainEqual(
      expect.stringMatching(/^runuser\|-u\|www-data\|--\|timeout\|60\|find\|.*page_enhanced\|-xdev\|-type\|d/),
    )
  })

  it('counts no directory in which the user may delete', async () => {
    expect(await look(createSite())).toMatchObject({ result: { locked: 0 } })
  })
})

describe('what would purge Cloudflare too early', () => {
  const extension = { amp: 'w3-total-cache/Extension_Amp_Plugin.php', cloudflare: 'w3-total-cache/Extension_CloudFlare_Plugin.php' }

  it.each([
    ['an active extension', settings(extension), 'w3tc-extension'],
    ['the same in one line', settings(extension).replaceAll(/\s/g, ''), 'w3tc-extension'],
    ['settings of an extension that is not active', settings({ amp: 'x' }), 'none'],
    ['no extensions', settings({}), 'none'],
    ['an empty list, as PHP writes it', settings([]), 'none'],
  ])('of W3 Total Cache: %s', async (_, text, edge) => {
    const instance = createSite()
    instance.write('srv/site/wp-content/w3tc-config/master.php', text)
    expect(await look(instance)).toMatchObject({ result: { edge } })
  })

  it('of W3 Total Cache is unknown where its settings are not in the file', async () => {
    const instance = createBareInstance()
    instance.stub('wp', wp(healthy))
    instance.directory('srv/site/wp-content/cache')
    expect(await look(instance)).toMatchObject({ result: { edge: 'unknown' } })
  })

  const cloudflare = 'plugin is-active cloudflare'
  it.each<[string, readonly string[], Record<string, string>, string]>([
    ['its add-on', [], { 'wp_rocket_settings do_cloudflare': '1' }, 'rocket-add-on'],
    ['its add-on, as a boolean', [], { 'wp_rocket_settings do_cloudflare': 'true' }, 'rocket-add-on'],
    ['its add-on, off', [], { 'wp_rocket_settings do_cloudflare': '0' }, 'none'],
    ['the Cloudflare plugin with automatic cache management', [cloudflare], { 'plugin_specific_cache value': '1' }, 'cloudflare-plugin'],
    ['the Cloudflare plugin with APO', [cloudflare], { 'automatic_platform_optimization value': '1' }, 'cloudflare-plugin'],
    [
      'the Cloudflare plugin with both off',
      [cloudflare],
      { 'plugin_specific_cache value': '', 'automatic_platform_optimization value': '0' },
      'none',
    ],
    ["the Cloudflare plugin's settings without the plugin", [], { 'plugin_specific_cache value': '1' }, 'none'],
    ['a setting that wp warns about', [], { 'wp_rocket_settings do_cloudflare': 'Warning: 1' }, 'none'],
  ])('of WP Rocket: %s', async (_, more, options, edge) => {
    expect(await look(createSite(wp([...healthy, ...more], options)), 'wp-rocket')).toMatchObject({ result: { edge } })
  })
})

describe('what a site user may have put there', () => {
  it('is not waited for: a FIFO in place of the settings', async () => {
    const instance = createSite()
    const settingsFile = instance.path('srv/site/wp-content/w3tc-config/master.php')
    rmSync(settingsFile)
    execFileSync('mkfifo', [settingsFile])
    const start = performance.now()
    expect(await look(instance)).toMatchObject({ code: 0, result: { edge: 'unknown' } })
    expect(performance.now() - start).toBeLessThan(8000)
  })

  it('is told before a purge refuses it: a link in place of the cache', async () => {
    const instance = createSite()
    rmSync(instance.path('srv/site/wp-content/cache/wp-rocket'), { recursive: true })
    symlinkSync(instance.directory('home/alice'), instance.path('srv/site/wp-content/cache/wp-rocket'))
    expect(await look(instance, 'wp-rocket')).toMatchObject({
      result: { directory: 'refused', reason: expect.stringContaining('goes through a link') as string },
    })
  })
})

it('sees the setting of an add-on beside the complaint of another plugin', async () => {
  const script = `case "$*" in 'option pluck wp_rocket_settings'*) echo 1; echo 'Warning: something else' >&2 ;; *) case "$*" in *cloudflare*) exit 1 ;; esac ;; esac`
  expect(await look(createSite(script), 'wp-rocket')).toMatchObject({ result: { edge: 'rocket-add-on' } })
})

it('takes the pages themes, plugins and uploads of a host for pages', async () => {
  const instance = createSite()
  instance.write('srv/site/wp-content/cache/wp-rocket/www/themes/index.html')
  const run = await instance.run('inspect-wordpress', {
    SitePath: instance.site,
    CachePath: `${instance.cache}/www`,
    RunAs: me,
    Plugin: 'wp-rocket',
  })
  expect(run).toMatchObject({ result: { directory: 'present', files: 2 } })
})
