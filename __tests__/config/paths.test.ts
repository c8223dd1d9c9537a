import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { cachePathProblem, pathProblem } from '../../config/paths.ts'
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
  ['/cache', /two levels/],
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

const refusedAsCache = [
  '/var/cache',
  '/var/lib',
  '/var/log',
  '/var/log/nginx',
  '/var/www',
  '/var/www/portal',
  '/var/lib/mysql',
  '/var/spool/cron',
  '/var/tmp',
  '/etc/nginx',
  '/etc/nginx/conf.d',
  '/usr/bin',
  '/usr/bin/x',
  '/usr/lib/x86_64',
  '/usr/local',
  '/usr/local/bin',
  '/usr/share/nginx/html',
  '/home/ubuntu',
  '/root/cache',
  '/boot/efi',
  '/bin/x',
  '/sbin/x',
  '/lib/x',
  '/lib64/x/y',
  '/proc/1',
  '/sys/kernel/x',
  '/dev/shm',
  '/dev/sda/x',
  '/run/systemd',
  '/srv/www',
]

const goodCaches = [
  '/var/cache/nginx',
  '/var/cache/nginx/portal',
  '/var/www/portal/wp-content/cache',
  '/var/www/portal/wp-content/cache/wp-rocket',
  '/home/ubuntu/site/.cache',
  '/home/ubuntu/my site/page cache',
  '/data/cache',
  '/data/.cache',
  '/data/a..b',
  '/data/user@host,1=2+3:4~5',
  '/dev/shm/nginx',
  '/opt/bitnami/wordpress/wp-content/cache',
]

describe('a path on an instance', () => {
  it.each(refusedEverywhere)('%j is refused', (path, why) => {
    expect(pathProblem(path)).toMatch(why)
    expect(cachePathProblem(path)).toMatch(why)
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

  it('is accepted by the scripts wherever the config accepts it', () => {
    const shared = ['script', 'paths', 'cache'].map((name) => readFileSync(`ssm/shared/${name}.sh`, 'utf8')).join('\n')
    const check = `${shared}\nfor path in "$@"; do (require_cache_path CachePath "$path") 2>/dev/null || printf '%s\\0' "$path"; done`
    const paths = [...goodCaches, ...refusedAsCache, ...refusedEverywhere.map(([path]) => path).filter((path) => !path.includes('\0'))]
    const refused = new Set(execFileSync('bash', ['-c', check, 'bash', ...paths], { encoding: 'utf8' }).split('\0'))
    expect(paths.filter((path) => cachePathProblem(path) === undefined && refused.has(path))).toEqual([])
    expect(goodCaches.filter((path) => refused.has(path))).toEqual([])
    // Proof that the scripts were asked: what they refuse is not empty.
    expect(refused).toContain('/etc/nginx')
  })
})
