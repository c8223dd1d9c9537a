/** Mounts below a cache: a bind mount of the same file system, which -xdev does not see, and a RAM disk. Nothing in them is touched. */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createInstance, me, type Instance } from './instance.ts'

const canMount = spawnSync('sh', ['-c', 'd=$(mktemp -d) && mount -t tmpfs none "$d" && umount "$d"; rmdir "$d"']).status === 0
const ENTRY = '0123456789abcdef0123456789abcdef'

const mount = (...words: string[]) => {
  execFileSync('mount', words)
  onTestFinished(() => void execFileSync('umount', ['-l', words.at(-1) ?? '']))
}

const purges: [id: string, cache: string, entry: string, parameters: (instance: Instance) => Record<string, string>][] = [
  [
    'purge-fastcgi',
    'var/cache/nginx',
    ENTRY,
    (instance) => ({ CachePath: instance.path('var/cache/nginx'), NginxPidFile: instance.pidFile }),
  ],
  [
    'purge-wprocket',
    'srv/site/wp-content/cache/wp-rocket',
    'index.html',
    (instance) => ({ SitePath: instance.site, CachePath: instance.cache, RunAs: me }),
  ],
]

describe.runIf(canMount).each(purges)('%s', (id, cache, entry, parameters) => {
  it.each(['a', 'a b', 'a*', 'a/b\\c'])('touches nothing in what is mounted at %j, and says so', async (name) => {
    const instance = createInstance()
    const precious = instance.write(`home/alice/${entry}`, 'precious')
    instance.write(`${cache}/${entry}`)
    instance.write(`${cache}/e/${entry}`)
    mount('--bind', instance.path('home/alice'), instance.directory(`${cache}/${name}`))
    mount('-t', 'tmpfs', 'none', instance.directory(`${cache}/f`))
    const inMemory = instance.write(`${cache}/f/${entry}`, 'in memory')
    const run = await instance.run(id, parameters(instance))
    expect(run).toMatchObject({ code: 0, stderr: '', result: { files: 2 } })
    expect(run.stdout).toContain(`What is mounted below it was not touched: ${name.replaceAll('\\', '')}, f.`)
    expect([instance.exists(`${cache}/${entry}`), instance.exists(`${cache}/e`)]).toEqual([false, false])
    expect([readFileSync(precious, 'utf8'), readFileSync(inMemory, 'utf8')]).toEqual(['precious', 'in memory'])
  })
})
