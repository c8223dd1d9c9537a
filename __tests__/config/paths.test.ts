import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cachePathProblem, pathProblem, wholeDirectories } from '../../config/paths.ts'
import { readShared, renderDocument } from '../../ssm/render.ts'
import { aConfigInput, aTarget, errorsOf } from './a-config.ts'

const refusedEverywhere: [path: string, why: RegExp][] = [
  ['', /absolute/],
  ['cache', /absolute/],
  ['./cache/x', /absolute/],
  ['../cache/x', /absolute/],
  ['~/cache', /absolute/],
  [' /var/cache/nginx', /absolute/],
  ['/', /root/],
  ['//', /normalised/],
  ['/cache/', /normalised/],
  ['/srv/cache/', /normalised/],
  ['/srv//cache', /normalised/],
  ['//srv/cache', /normalised/],
  ['/srv/./cache', /segments/],
  ['/srv/../etc', /segments/],
  ['/srv/cache/..', /segments/],
  ['/..', /segments/],
  ['/srv/.../cache', /character/],
  ['/srv/$HOME', /character/],
  ['/srv/`id`', /character/],
  ['/srv/a;b', /character/],
  ['/srv/a|b', /character/],
  ['/srv/a&b', /character/],
  ["/srv/a'b", /character/],
  ['/srv/a"b', /character/],
  ['/srv/a\\b', /character/],
  ['/srv/a*b', /character/],
  ['/srv/a?b', /character/],
  ['/srv/{a,b}', /character/],
  ['/srv/a\nb', /character/],
  ['/srv/ab\n', /character/],
  ['/srv/a\0b', /character/],
  ['/srv/é', /character/],
  ['/srv/ leading', /character/],
  [`/srv/${'a'.repeat(600)}`, /512/],
]

/** Directories of the whole system, and the kernel's own. */
const refusedAsCache = [
  ...[
    '/bin',
    '/boot',
    '/dev',
    '/etc',
    '/home',
    '/lib',
    '/lib64',
    '/opt',
    '/proc',
    '/root',
    '/run',
    '/sbin',
    '/srv',
    '/sys',
    '/tmp',
    '/usr',
  ],
  ...['/var', '/var/cache', '/var/lib', '/var/log', '/var/run', '/var/spool', '/var/tmp', '/var/www'],
  ...['/usr/bin', '/usr/lib', '/usr/local', '/usr/sbin', '/usr/share', '/private', '/Users'],
  ...['/dev/sda/x', '/dev/disk', '/dev/shmx', '/proc/1', '/proc/1/root/var/cache', '/sys/fs/cgroup', '/sys/kernel/x'],
]

/** Where people really keep caches, and what a path may look like. */
const goodCaches = [
  '/etc/nginx/cache',
  '/usr/share/nginx/cache',
  '/usr/share/nginx/fastcgi_cache',
  '/var/www/cache',
  '/var/www/nginx-cache',
  '/var/www/fastcgi_cache',
  '/home/cache',
  '/dev/shm',
  '/nginxcache',
  '/var/cache/nginx',
  '/var/run/nginx-cache',
  '/dev/shm/nginx-cache/x',
  '/tmp/nginx_cache',
  '/opt/bitnami/nginx/cache',
  '/www/server/nginx/fastcgi_cache',
  '/sites/x/cache',
  '/home/user/tmpfs',
  '/mnt/ramdisk',
  '/var/cache/nginx/portal',
  '/var/www/portal/wp-content/cache',
  '/home/ubuntu/site/.cache',
  '/home/ubuntu/my site/page cache',
  '/data/.cache',
  '/data/a..b',
  '/data/user@host,1=2+3:4~5',
  '/opt/bitnami/wordpress/wp-content/cache',
]

const script = `${['script', 'paths', 'cache'].map(readShared).join('\n')}
for path in "$@"; do (require_cache_path CachePath "$path") 2>/dev/null || printf '%s\\0' "$path"; done`
/** Of these paths, those that a script refuses. */
const refusedByScript = (paths: readonly string[]): string[] =>
  execFileSync('bash', ['-c', script, 'bash', ...paths], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1)
const pattern = (id: string, parameter: string): RegExp =>
  new RegExp(renderDocument(id, { executionTimeoutSeconds: 60 }).parameters[parameter]!.allowedPattern)

describe('a path on an instance', () => {
  it.each(refusedEverywhere)('%j is refused', (path, why) => {
    expect(pathProblem(path)).toMatch(why)
    expect(cachePathProblem(path)).toMatch(why)
  })

  it('is two levels deep, but for a cache', () => {
    expect([pathProblem('/cache'), cachePathProblem('/cache')]).toEqual([expect.stringMatching(/two levels/), undefined])
  })

  it.each(['/var/www/portal', '/home/ubuntu/site', '/srv/www', '/opt/my site'])('%j may be a site', (path) => {
    expect(pathProblem(path)).toBeUndefined()
  })
})

describe('the path of a cache', () => {
  it.each(refusedAsCache)('%s is refused as more than one cache', (path) => {
    expect(cachePathProblem(path)).toMatch(/system directory/)
  })

  it.each(goodCaches)('%j is fine', (path) => {
    expect(cachePathProblem(path)).toBeUndefined()
  })

  it.each([
    ['is the site', '/srv/sites/portal'],
    ['is a parent of the site', '/srv/sites'],
  ])('is refused where it %s', (_case, cachePath) => {
    const layers = [
      { kind: 'w3-total-cache' as const, sitePath: '/srv/sites/portal', runAs: 'ubuntu' },
      { kind: 'nginx-fastcgi' as const, cachePath },
    ]
    expect(errorsOf(aConfigInput({ targets: [aTarget({ layers })] }))).toEqual([
      expect.stringMatching(/^targets\.portal\.layers\[1\]\.cachePath: .*\/srv\/sites\/portal/),
    ])
  })

  it('may begin with the same letters as the site', () => {
    const layers = [
      { kind: 'w3-total-cache' as const, sitePath: '/srv/sites/portal-2', runAs: 'ubuntu' },
      { kind: 'nginx-fastcgi' as const, cachePath: '/srv/sites/portal' },
    ]
    expect(errorsOf(aConfigInput({ targets: [aTarget({ layers })] }))).toEqual([])
  })

  it('is accepted at every place, or at none: by the config, by the document and by the script', () => {
    expect(refusedByScript(goodCaches)).toEqual([])
    expect(refusedByScript(refusedAsCache)).toEqual(refusedAsCache)
    for (const path of goodCaches) {
      for (const [id, parameter] of [
        ['purge-fastcgi', 'CachePath'],
        ['inspect-nginx', 'CachePath'],
        ['probe-origin', 'CachePaths'],
      ] as const)
        expect(path).toMatch(pattern(id, parameter))
    }
    const malformed = refusedEverywhere.map(([path]) => path).filter((path) => !path.includes('\0'))
    expect(malformed.filter((path) => cachePathProblem(path) === undefined)).toEqual([])
    // Names that only a script could be given are its own matter: it quotes them.
    expect(malformed.filter((path) => pattern('purge-fastcgi', 'CachePath').test(path) && path.length <= 512)).toEqual([])
  })

  it('is judged alike by the config and by the script, whatever it is made of', () => {
    const part = fc.constantFrom(
      ...new Set(wholeDirectories.flatMap((path) => path.slice(1).split('/')).filter((name) => name !== '')),
      'dev',
      'shm',
      'proc',
      'x',
    )
    const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`)
    const paths = fc.sample(path, 500)
    expect(refusedByScript(paths)).toEqual(
      // macOS keeps /var, /tmp and /etc there.
      paths.filter((given) => cachePathProblem(given.replace(/^\/private(?=\/)/, '')) !== undefined),
    )
  })
})
