/** A script that is stopped in the middle: what it leaves, and what it says. */
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createInstance, me, type Instance } from './instance.ts'

const ENTRY = 'srv/cache/a/bc/0123456789abcdef0123456789abcdef'

/** Signals the script and all that it runs, as soon as a program is called so. The agent and a shutdown do it like that. */
const stopAt = (instance: Instance, program: string, pattern: string, signal = 'TERM') => {
  instance.stub(program, `case " $* " in ${pattern}) kill -s ${signal} 0; sleep 5 ;; esac; exec ${instance.toolPath(program)} "$@"`)
}

/** bash may say `Terminated` before. */
const lastLine = (stderr: string) => stderr.trimEnd().split('\n').at(-1)

const createStoppedPurge = async (program: string, pattern: string, signal?: string) => {
  const instance = createInstance()
  instance.write(ENTRY)
  await instance.startNginx(`echo 'fastcgi_cache_path ${instance.path('srv/cache')} levels=1:2;'`)
  stopAt(instance, program, pattern, signal)
  const run = await instance.run('purge-fastcgi', { CachePath: instance.path('srv/cache'), NginxPidFile: instance.pidFile })
  return { instance, run }
}

describe('purge-fastcgi', () => {
  it.each(['TERM', 'INT', 'HUP'])('stopped by SIG%s in the middle of the deletion tells nginx to reload, and says so', async (signal) => {
    const { instance, run } = await createStoppedPurge('find', "*' -delete '*", signal)
    expect(run.code).not.toBe(0)
    expect(run.stdout).toBe('')
    expect(lastLine(run.stderr)).toBe(
      'purgeflow: stopped by a signal before its end: entries of the cache are deleted, maybe not all, and nginx was told to reload',
    )
    expect(instance.calls().filter((call) => call === 'HUP')).toHaveLength(2)
    expect(readdirSync(instance.path('tmp'))).toEqual([])
  })

  it.each([
    ['date', 'nothing was done'],
    ['awk', 'nothing was deleted'],
  ])('stopped at %s, before the deletion, says that %s', async (program, text) => {
    const { instance, run } = await createStoppedPurge(program, '*')
    expect(lastLine(run.stderr)).toBe(`purgeflow: stopped by a signal before its end: ${text}`)
    expect(instance.exists(ENTRY)).toBe(true)
    expect(readdirSync(instance.path('tmp'))).toEqual([])
  })
})

describe('a WordPress purge', () => {
  it.each([
    ['purge-w3', 'W3 Total Cache may have flushed some'],
    ['purge-wprocket', 'some cached pages may be deleted and others not'],
  ] as const)('%s stopped in the middle says so, and leaves no temporary directory', async (id, text) => {
    const instance = createInstance()
    instance.write('srv/site/wp-content/cache/wp-rocket/www.example.com/index.html')
    instance.stub('wp', 'case "$1" in w3-total-cache | rocket | cli) kill -s TERM 0; sleep 5 ;; esac')
    const parameters = { SitePath: instance.site, RunAs: me }
    const run = await instance.run(id, id === 'purge-w3' ? parameters : { ...parameters, CachePath: instance.cache })
    expect(run.stderr).toContain(`purgeflow: stopped by a signal before its end: ${text}`)
    expect(readdirSync(instance.path('tmp'))).toEqual([])
  })
})
