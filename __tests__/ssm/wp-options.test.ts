/** Bedrock has WordPress apart from the site, and a network has several sites: what wp is told of it. */
import { describe, expect, it } from 'vitest'
import { createInstance, failure, me } from './instance.ts'

const url = 'https://www.example.com/shop/'

/** A site whose wp says yes to everything. */
const createSite = () => {
  const instance = createInstance()
  instance.write('srv/site/wp-content/cache/wp-rocket/www.example.com/index-https.html')
  instance.directory('srv/site/web/wp')
  instance.stub('wp', `echo 'Success: done.'`)
  return instance
}
const parametersOf = (id: string, instance: ReturnType<typeof createSite>): Record<string, string> => ({
  SitePath: instance.site,
  RunAs: me,
  ...(id === 'purge-w3' ? {} : { CachePath: instance.cache }),
  ...(id === 'inspect-wordpress' ? { Plugin: 'wp-rocket' } : {}),
})

describe.each(['purge-w3', 'purge-wprocket', 'inspect-wordpress'])('%s', (id) => {
  it('tells wp with every command where WordPress is, and which site is meant', async () => {
    const instance = createSite()
    const WpPath = instance.path('srv/site/web/wp')
    const run = await instance.run(id, { ...parametersOf(id, instance), WpPath, WpUrl: url })
    expect(run).toMatchObject({ code: 0, stderr: '' })
    const calls = instance.calls().join('\n').split(/^wp\|/m).slice(1)
    expect(calls.length).toBeGreaterThan(1)
    for (const call of calls) expect(call.trimEnd()).toMatch(new RegExp(`\\|--path=${WpPath}\\|--url=${url}$`))
  })

  it('names no site where there is only one', async () => {
    const instance = createSite()
    await instance.run(id, parametersOf(id, instance))
    expect(instance.calls()).toContainEqual(expect.stringContaining(`--path=${instance.site}`))
    expect(instance.calls().join('\n')).not.toContain('--url')
  })

  it.each(['www.example.com', 'https://x/ y', 'https://x/$(id)', "https://x/'", '--', 'ftp://x/', 'https://x/\n'])(
    'refuses %j as the site before wp is asked',
    async (WpUrl) => {
      const instance = createSite()
      expect(await instance.run(id, { ...parametersOf(id, instance), WpUrl })).toMatchObject({
        ...failure,
        stderr: expect.stringMatching(/^purgeflow: WpUrl /) as string,
      })
      expect(instance.calls()).toEqual([])
    },
  )

  it.each(['web/wp', '/srv/../x', '/srv//wp', '/', '/srv/wp/', '--path=/srv/x'])(
    'refuses %j as the directory of WordPress',
    async (WpPath) => {
      const instance = createSite()
      expect(await instance.run(id, { ...parametersOf(id, instance), WpPath })).toMatchObject({
        ...failure,
        stderr: expect.stringMatching(/^purgeflow: WpPath /) as string,
      })
      expect(instance.calls()).toEqual([])
    },
  )
})
