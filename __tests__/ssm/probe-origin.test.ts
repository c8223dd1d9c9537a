/** What the probe prints has to fit into what Run Command keeps, whatever the answers and the paths are. */
import { describe, expect, it } from 'vitest'
import { ProbeResult } from '../../statemachines/data/outcome.ts'
import { pluginOutput } from '../../local/aws/systems-manager/output.ts'
import { createInstance } from './instance.ts'

const long = 'x'.repeat(120)
const urls = Array.from({ length: 10 }, (_, index) => `https://www.example.com/${index}`)

/** Every page is a HIT out of the cache in `directory`, with headers that go on and on. */
const createWordyInstance = async (directory: string) => {
  const instance = createInstance()
  const answer = `HTTP/1.1 2000000 OK\\r\\nX-FastCGI-Cache: HIT${long}\\r\\nAge: ${'9'.repeat(60)}\\r\\nDate: Sat, 21 Nov 2026 23:46:42 GMT ${long}\\r\\n`
  instance.stub('curl', `while [ $# -gt 0 ]; do [ "$1" != -D ] || printf '${answer}' >"$2"; shift; done`)
  await instance.startNginx(`echo 'fastcgi_cache_path ${instance.path(directory)} levels=1:2 keys_zone=a:1m;'`)
  urls.forEach((url, index) => instance.write(`${directory}/${index}`, `\nKEY: httpsGET${url.replace('https://', '')}\nbody`))
  return {
    instance,
    probe: (findFiles: 'yes' | 'no', ...cachePaths: string[]) =>
      instance.run('probe-origin', {
        Urls: urls.join(' '),
        Scheme: 'https',
        Host: '127.0.0.1',
        Port: '443',
        ProxyProtocol: 'no',
        ClientCertificate: '-',
        CacheHeader: 'X-FastCGI-Cache',
        CachePaths: cachePaths.map((path) => instance.path(path)).join('|'),
        FindFiles: findFiles,
        NginxPidFiles: instance.pidFile,
      }),
  }
}

describe('the last line of the probe', () => {
  it('fits into what Run Command keeps, with ten pages and the longest of everything', async () => {
    const { probe } = await createWordyInstance(`srv/${long}/${long}`)
    const { code, stdout } = await probe('yes', 'srv/none')
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
    const { probe } = await createWordyInstance(`srv/${long}`)
    const { stdout } = await probe('yes', 'srv/none', `srv/${long}`)
    expect(ProbeResult.parse(JSON.parse(stdout)).probes.map(({ zone }) => zone)).toEqual(urls.map(() => '#2'))
  })
})

describe('the file of a page that is a HIT', () => {
  it('is not looked for before a purge, when the cache may hold millions of files', async () => {
    const { instance, probe } = await createWordyInstance('srv/cache')
    instance.stub('find')
    const { stdout } = await probe('no', 'srv/cache')
    expect(ProbeResult.parse(JSON.parse(stdout)).probes.map(({ cache, stored, zone }) => [cache.slice(0, 3), stored, zone])).toEqual(
      urls.map(() => ['HIT', 0, '']),
    )
    expect(instance.calls()).not.toContainEqual(expect.stringContaining('find'))
  })

  it('is given up after a minute, and the probe says so', async () => {
    const { instance, probe } = await createWordyInstance('srv/cache')
    instance.stub('find', `while :; do echo '${instance.path('srv/cache/x')}:KEY: httpsGETwww.example.com/other'; done`)
    // A minute passes while the first page's file is looked for.
    instance.stub(
      'date',
      `[ -e "$HOME/hurried" ] && echo 1000061 || echo 1000000; ! grep -q find '${instance.path('calls')}' || : >"$HOME/hurried"`,
    )
    const { code, stdout } = await probe('yes', 'srv/cache')
    expect(code).toBe(0)
    const [first, ...others] = ProbeResult.parse(JSON.parse(stdout)).probes
    expect(first).toMatchObject({ status: 200, stored: 0, zone: '?' })
    expect(others).toEqual(others.map(() => expect.objectContaining({ status: 0, zone: '' }) as unknown))
  })
})

it('asks no nginx that is stopped, which would make its pid file, its logs and its directories', async () => {
  const { instance, probe } = await createWordyInstance('srv/cache')
  instance.write('run/nginx.pid', '')
  const { code, stdout } = await probe('yes', 'srv/none')
  expect([code, ProbeResult.parse(JSON.parse(stdout)).probes.map(({ zone }) => zone)]).toEqual([0, urls.map(() => '')])
  expect(instance.calls()).not.toContainEqual(expect.stringMatching(/^nginx/))
})
