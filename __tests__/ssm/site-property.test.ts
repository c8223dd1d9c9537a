/** Whatever lies below WP Rocket's directory: every entry goes, and everything else is byte for byte where it was. */
import { spawn } from 'node:child_process'
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { runs, trees } from '../runs.ts'
import { createInstance, me, type Instance } from './instance.ts'

const CACHE = 'srv/site/wp-content/cache/wp-rocket'
const entries = ['index.html', 'index-https.html_gzip', 'index-mobile-https-webp.html', '.mobile-active', '.no-webp', 'index.xml']
const others = ['index.php', 'db.sql.gz', 'xindex.html', 'index.html.bak', '.env', 'a\nb', "it's", '-rf', 'index', '*', 'ünï']
const directories = ['www.example.com', 'themes', 'a b', '[x]', 'new\nline', '.hidden', '50%']

/** A generator of numbers below `limit`, the same for a seed. */
const randomNumbers = (seed: number) => (limit: number) => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return Math.floor((seed / 2 ** 32) * limit)
}

const fill = (directory: string, outside: string, random: (limit: number) => number, depth = 0): void => {
  mkdirSync(directory, { recursive: true })
  for (const name of [...entries, ...others]) {
    const choice = random(6)
    if (choice < 2) writeFileSync(join(directory, name), `${choice}`)
    else if (choice === 2) symlinkSync(outside, join(directory, name))
  }
  for (const name of directories) if (depth < 2 && random(4) === 0) fill(join(directory, name), outside, random, depth + 1)
}

/** Every file and link below a directory, with its content. */
const list = (directory: string, below = ''): Map<string, string> =>
  new Map(
    readdirSync(join(directory, below)).flatMap((name): [string, string][] => {
      const path = join(below, name)
      const file = join(directory, path)
      const stat = lstatSync(file)
      if (stat.isDirectory()) return [...list(directory, path)]
      return [[path, stat.isSymbolicLink() ? `-> ${readlinkSync(file)}` : readFileSync(file, 'utf8')]]
    }),
  )
const isEntry = ([path, content]: [string, string]) => entries.includes(path.split('/').at(-1) ?? '') && !content.startsWith('-> ')

const purge = (instance: Instance) => instance.run('purge-wprocket', { SitePath: instance.site, CachePath: instance.cache, RunAs: me })

it('deletes every entry and nothing else, in any random tree', { timeout: 600_000 }, async () => {
  const instance = createInstance()
  const outside = instance.directory('home/alice')
  instance.write('home/alice/index.html', 'precious')
  instance.directory('srv/site')
  let deleted = 0
  for (let seed = 1; seed <= trees; seed++) {
    fill(instance.path(CACHE), outside, randomNumbers(seed))
    const before = list(instance.path(CACHE))
    const run = await purge(instance)
    expect(run, `seed ${seed}: ${run.stderr}`).toMatchObject({ code: 0, stderr: '' })
    expect(list(instance.path(CACHE))).toEqual(new Map([...before].filter((file) => !isEntry(file))))
    deleted += [...before].filter(isEntry).length
    rmSync(instance.path(CACHE), { recursive: true })
  }
  expect(deleted).toBeGreaterThan(trees)
  expect(list(outside)).toEqual(new Map([['index.html', 'precious']]))
})

it('touches nothing outside while the site user swaps directories and links', { timeout: 240_000 }, async () => {
  const instance = createInstance()
  for (const path of ['index.html', 'wp-rocket/index.html', 'page/index.html']) instance.write(`home/alice/${path}`, 'precious')
  const before = list(instance.path('home/alice'))
  instance.directory(`${CACHE}/www/page`)
  const swap = (path: string, target: string) =>
    `mv '${path}' '${path}.x'; ln -s '${target}' '${path}'; rm '${path}'; mv '${path}.x' '${path}'; : >'${instance.path(CACHE)}/www/page/index.html'`
  const script = [
    'while :; do',
    swap(instance.path('srv/site/wp-content/cache'), instance.path('home/alice')),
    swap(instance.path(CACHE), instance.path('home/alice')),
    swap(instance.path(CACHE, 'www'), instance.path('home/alice')),
    'done 2>/dev/null',
  ].join('\n')
  const user = spawn('bash', ['-c', script], { stdio: 'ignore' })
  onTestFinished(() => void user.kill('SIGKILL'))
  // A minute of it, or a sixth.
  for (const end = Date.now() + 1000 * runs(60); Date.now() < end; ) {
    await purge(instance)
    expect(list(instance.path('home/alice'))).toEqual(before)
  }
  expect(user.exitCode).toBeNull()
  const gone = new Promise((resolve) => user.once('close', resolve))
  user.kill('SIGKILL')
  await gone
})
