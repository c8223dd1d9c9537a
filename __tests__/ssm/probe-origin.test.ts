/** What the probe prints has to fit into what Run Command keeps, whatever the answers and the paths are. */
import { describe, expect, it } from 'vitest'
import { ProbeResult } from '../../handlers/confirm-layer/schema.ts'
import { pluginOutput } from '../../local/aws/output.ts'
import { createInstance } from './instance.ts'

const long = 'x'.repeat(120)
const urls = Array.from({ length: 10 }, (_, index) => `https://www.example.com/${index}`)

/** Every page is a HIT out of the cache in `directory`, with headers that go on and on. */
const createWordyInstance = (directory: string) => {
  const instance = createInstance()
  const answer = `HTTP/1.1 2000000 OK\\r\\nX-FastCGI-Cache: HIT${long}\\r\\nAge: ${'9'.repeat(60)}\\r\\nDate: Sat, 21 Nov 2026 23:46:42 GMT ${long}\\r\\n`
  instance.stub('curl', `while [ $# -gt 0 ]; do [ "$1" != -D ] || printf '${answer}' >"$2"; shift; done`)
  instance.stub('nginx', `echo 'fastcgi_cache_path ${instance.path(directory)} levels=1:2 keys_zone=a:1m;'`)
  urls.forEach((url, index) => instance.write(`${directory}/${index}`, `\nKEY: httpsGET${url.replace('https://', '')}\nbody`))
  return {
    instance,
    probe: (...cachePaths: string[]) =>
      instance.run('probe-origin', { Urls: urls.join(' '), Scheme: 'https', Host: '127.0.0.1', Port: '443', CacheHeader: 'X-FastCGI-Cache', CachePaths: cachePaths.map((path) => instance.path(path)).join('|') }),
  }
}

describe('the last line of the probe', () => {
  it('fits into what Run Command keeps, with ten pages and the longest of everything', async () => {
    const { probe } = createWordyInstance(`srv/${long}/${long}`)
    const { code, stdout } = await probe('srv/none')
    expect(code).toBe(0)
    expect(ProbeResult.parse(JSON.parse(stdout)).probes).toEqual(
      urls.map(() => ({
        status: 200,
        cache: `HIT${long}`.slice(0, 21),
        then: '',
        age: '999999999',
        date: 'Sat, 21 Nov 2026 23:46:42 GMT',
        stored: expect.any(Number) as number,
        zone: expect.stringMatching(/^.{80}$/) as string,
      })),
    )
    expect(pluginOutput(stdout, '')).toBe(stdout)
  })

  it('tells a configured cache by its place, however long its path is', async () => {
    const { probe } = createWordyInstance(`srv/${long}`)
    const { stdout } = await probe('srv/none', `srv/${long}`)
    expect(ProbeResult.parse(JSON.parse(stdout)).probes.map(({ zone }) => zone)).toEqual(urls.map(() => '#2'))
  })
})
