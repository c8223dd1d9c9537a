/** What the scripts refuse by themselves. find and rm are stubs here, so that a bug cannot delete anything of this machine. */
import { chmodSync, symlinkSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { documentById, documents } from '../../ssm/documents.ts'
import { exampleOf } from '../layers/examples.ts'
import { sample } from '../runs.ts'
import { createInstance, failure, type Instance, me } from './instance.ts'

function createHarmlessInstance() {
  const instance = createInstance()
  for (const name of ['find', 'rm', 'wp', 'nginx', 'runuser']) instance.stub(name)
  instance.directory('srv/site')
  return instance
}

/** Parameters of a document that its script accepts here. */
const goodParameters = (instance: Instance, id: string): Record<string, string> => {
  const here = {
    SitePath: instance.site,
    WpPath: instance.site,
    CachePath: instance.cache,
    CachePaths: instance.cache,
    NginxPidFile: instance.pidFile,
    TrustDirectory: 'yes',
    RunAs: me,
  }
  const example = exampleOf(documentById(id))
  return { ...example, ...Object.fromEntries(Object.entries(here).filter(([name]) => name in example)) }
}
const parametersOf = documents
  .flatMap((document) => Object.keys(exampleOf(document)).map((name) => [document.id, name] as const))
  .map(([id, name], at) => [id, name, at] as const)

/** Each of them in some parameter, and some of them in each. */
const attacks = [
  '$(touch OWNED)',
  '`touch OWNED`',
  '; touch OWNED',
  '"; touch OWNED; "',
  "'; touch OWNED; '",
  '\ntouch OWNED\n',
  '| touch OWNED',
  '${IFS}',
  '* ?',
]

const malformedPaths = [
  'cache',
  './cache/x',
  '../cache/x',
  '-rf',
  '/',
  '//',
  '/var/',
  '/srv/cache/',
  '/srv//cache',
  '/srv/./cache',
  '/srv/../cache',
  '/srv/cache/..',
  '/srv/cache/.',
  '/srv/ca\nche',
  '/srv/cache\n',
  '/srv/ca\tche',
] // prettier-ignore
const systemPaths = [
  '/var',
  '/usr',
  '/var/lib',
  '/var/www',
  '/var/cache',
  '/home',
  '/usr/local',
  '/proc/1',
  '/sys/fs/cgroup',
  '/dev/disk',
  '/private/tmp',
  '/private/etc',
]

describe.each([
  ['purge-fastcgi', 0],
  ['purge-wprocket', 3],
] as const)('%s', (id, at) => {
  it.each(sample([...malformedPaths, ...systemPaths], at))('refuses to delete %j', async (path) => {
    const instance = createHarmlessInstance()
    const run = await instance.run(id, { ...goodParameters(instance, id), CachePath: path })
    expect(run).toMatchObject({ ...failure, stderr: expect.stringMatching(/^purgeflow: CachePath /) as string })
    expect(instance.calls()).toEqual([])
  })

  it('refuses a link to a system directory', async () => {
    const instance = createHarmlessInstance()
    symlinkSync('/usr', instance.path('link'))
    const run = await instance.run(id, { ...goodParameters(instance, id), CachePath: instance.path('link') })
    expect(run).toMatchObject({ ...failure, stderr: expect.stringContaining('system directory') as string })
    expect(instance.calls()).not.toContainEqual(expect.stringMatching(/find.*-delete/))
  })

  it.each(['wp-config.php', 'wp-load.php', 'wp-content/index.php', 'uploads/photo.jpg'])(
    'refuses a directory that holds %s',
    async (file) => {
      const instance = createHarmlessInstance()
      instance.write(`srv/site/${file}`)
      instance.directory('srv/other')
      const run = await instance.run(id, {
        ...goodParameters(instance, id),
        SitePath: instance.path('srv/other'),
        CachePath: instance.site,
      })
      expect(run).toMatchObject({ ...failure, stderr: expect.stringContaining('part of a site') as string })
      expect(instance.calls()).not.toContainEqual(expect.stringMatching(/find.*-delete/))
    },
  )

  it.each([
    ['a file', 'srv/file', 'is not a directory'],
    ['a path below a file', 'srv/file/cache', 'cannot be reached'],
    ['a link to nothing', 'dangling', 'cannot be reached'],
    ['a path below a link to nothing', 'dangling/cache', 'cannot be reached'],
  ])('does not call %s an absent cache', async (_, path, message) => {
    const instance = createHarmlessInstance()
    // Executable, because -x alone is no proof of a directory.
    chmodSync(instance.write('srv/file'), 0o755)
    symlinkSync(instance.path('nowhere'), instance.path('dangling'))
    const run = await instance.run(id, { ...goodParameters(instance, id), CachePath: instance.path(path) })
    expect(run).toMatchObject({ ...failure, stderr: expect.stringContaining(message) as string })
  })
})

it('refuses a WP Rocket cache path that holds the site, also through a link', async () => {
  const instance = createHarmlessInstance()
  symlinkSync(instance.site, instance.path('alias'))
  const run = await instance.run('purge-wprocket', { SitePath: instance.path('alias'), CachePath: instance.path('srv'), RunAs: me })
  expect(run).toMatchObject({ ...failure, stderr: expect.stringContaining('holds the site itself') as string })
})

it.each(sample(malformedPaths, 1))('refuses %j as SitePath and as NginxPidFile', async (path) => {
  const instance = createHarmlessInstance()
  const runs = await Promise.all([
    instance.run('purge-w3', { ...goodParameters(instance, 'purge-w3'), SitePath: path }),
    createHarmlessInstance().run('purge-fastcgi', { ...goodParameters(instance, 'purge-fastcgi'), NginxPidFile: path }),
  ])
  for (const run of runs) expect(run).toMatchObject(failure)
  expect(instance.calls()).toEqual([])
})

describe.each(parametersOf)('%s without %s', (id, name) => {
  it.each(['missing', 'empty'])('refuses an agent that leaves it %s, and says what to update', async (kind) => {
    const instance = createHarmlessInstance()
    const others = Object.entries(goodParameters(instance, id)).filter(([other]) => other !== name)
    const run = await instance.runWith(id, Object.fromEntries(kind === 'empty' ? [...others, [name, '']] : others))
    expect(run.code).not.toBe(0)
    expect(run.stdout).toBe('')
    expect(run.stderr).toContain(`SSM_${name}: has no value`)
    expect(run.stderr).toContain('3.3.2746.0')
    expect(instance.calls()).toEqual([])
  })
})

describe.each(parametersOf)('%s with an attack in %s', (id, name, at) => {
  it.each(sample(attacks, at))('runs no part of %j', async (attack) => {
    const instance = createHarmlessInstance()
    instance.stub('touch', `>'${instance.path('OWNED')}'`)
    const good = goodParameters(instance, id)
    const run = await instance.run(id, { ...good, [name]: `${good[name] ?? ''}${attack}` })
    expect(instance.exists('OWNED')).toBe(false)
    expect(instance.calls()).not.toContainEqual(expect.stringMatching(/^touch\|/))
    // A value that is only odd, such as a path with quotes that does not exist, may end well; it then still gives one valid line.
    if (run.code === 0) expect(run.result).toMatchObject({ action: expect.stringMatching(/^(absent|flushed|inspected|probed)$/) as string })
  })
})

it.each(['a b', '-x', '$(id)', 'a\n', 'a;b'])('refuses %j as a user name', async (user) => {
  const instance = createHarmlessInstance()
  instance.stub('id', `case $1 in -u) echo 0 ;; *) echo root ;; esac`)
  const run = await instance.run('purge-w3', { SitePath: instance.site, RunAs: user })
  expect(run).toMatchObject({ ...failure, stderr: expect.stringContaining('RunAs is not a plain user name') as string })
})
