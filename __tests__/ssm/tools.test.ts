/** What the scripts need of an instance: said at once, and before anything is done. */
import { rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createInstance, failure, me, type Instance } from './instance.ts'

const site = (instance: Instance) => ({ SitePath: instance.site, RunAs: me })
const cached = (instance: Instance) => ({ ...site(instance), CachePath: instance.cache })
const nginx = (instance: Instance) => ({ CachePath: instance.path('srv/cache'), NginxPidFile: instance.pidFile })
const scripts: [id: string, parameters: (instance: Instance) => Record<string, string>][] = [
  ['purge-fastcgi', nginx],
  ['inspect-nginx', nginx],
  ['purge-w3', site],
  ['purge-wprocket', cached],
  ['inspect-wordpress', (instance) => ({ ...cached(instance), Plugin: 'wp-rocket' })],
]
const PAGE = 'srv/site/wp-content/cache/wp-rocket/index.html'

const createSite = () => {
  const instance = createInstance()
  instance.write(PAGE)
  instance.stub('wp')
  return instance
}

describe.each(scripts)('%s', (id, parameters) => {
  it.each(['find', 'du', 'grep', 'sed'])('names %s where it is not there, and does nothing', async (tool) => {
    const instance = createSite()
    rmSync(instance.path('bin', tool))
    const run = await instance.run(id, parameters(instance))
    expect(run).toMatchObject({ ...failure, stderr: expect.stringContaining(`this instance lacks ${tool}: install`) as string })
    expect([instance.exists(PAGE), instance.calls()]).toEqual([true, []])
  })

  it('names a find that knows too little, and does nothing', async () => {
    const instance = createSite()
    // What busybox says of it.
    instance.stub(
      'find',
      `case " $* " in *' -cnewer '*) echo 'find: unrecognized: -cnewer' >&2; exit 1 ;; esac; exec ${instance.toolPath('find')} "$@"`,
    )
    const run = await instance.run(id, parameters(instance))
    expect(run).toMatchObject({ ...failure, stderr: expect.stringContaining('find on this instance does not know -cnewer') as string })
    expect([instance.exists(PAGE), instance.calls().filter((call) => !call.startsWith('find|/dev/null|'))]).toEqual([true, []])
  })
})
