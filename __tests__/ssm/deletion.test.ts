/** How the entries of an nginx cache are deleted: every one of them, and nothing else. */
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runs, trees } from '../runs.ts'
import { createInstance, failure, type Instance } from './instance.ts'

const CACHE = 'var/cache/nginx'

/** Where nginx (levels=1:2) keeps the page of this key. */
const entry = (key: string | number): string => {
  const digest = createHash('md5').update(String(key)).digest('hex')
  return join(digest.slice(-1), digest.slice(-3, -1), digest)
}

function purge(instance: Instance, cache = instance.path(CACHE)) {
  return instance.run('purge-fastcgi', { CachePath: cache, NginxPidFile: instance.pidFile })
}

describe('a cache that holds files', () => {
  it('loses every file and directory and keeps its root', async () => {
    const instance = createInstance()
    instance.write(join(CACHE, entry('a page')), 'x'.repeat(10_000))
    instance.write(join(CACHE, `${entry('being written')}.0000000042`))
    instance.directory(`${CACHE}/e/00`)
    const run = await purge(instance)
    expect(run).toMatchObject({ code: 0, stderr: '', result: { action: 'deleted', files: 2 } })
    expect(readdirSync(instance.path(CACHE))).toEqual([])
  })

  it('reports the bytes that the disk has back', async () => {
    const instance = createInstance()
    // Random, because a compressing file system would store a run of x in nothing.
    writeFileSync(instance.write(join(CACHE, entry('a'))), crypto.getRandomValues(new Uint8Array(60_000)))
    execFileSync('sync', [instance.path(CACHE)])
    const { result } = await purge(instance)
    const { freedBytes } = result as { freedBytes: number }
    expect(freedBytes).toBeGreaterThanOrEqual(60_000)
    expect(freedBytes).toBeLessThan(120_000)
  })

  it.each(['', '1', '2', '1:2', '2:2', '1:2:2', '2:1:2'])('loses entries in levels=%s', async (levels) => {
    const instance = createInstance()
    const digest = createHash('md5').update('key').digest('hex')
    let end = digest.length
    const folders =
      levels === '' ? [] : levels.split(':').map((size) => digest.slice(end - Number(size), (end -= Number(size)) + Number(size)))
    instance.write(join(CACHE, ...folders, digest))
    expect(await purge(instance)).toMatchObject({ code: 0, result: { files: 1 } })
    expect(readdirSync(instance.path(CACHE))).toEqual([])
  })

  it('works in a cache whose own path has spaces and unicode', async () => {
    const instance = createInstance()
    instance.write(join('my cache/ünï\u00e9', entry('a')))
    expect(await purge(instance, instance.path('my cache/ünï\u00e9'))).toMatchObject({ code: 0, result: { files: 1 } })
    expect(readdirSync(instance.path('my cache/ünï\u00e9'))).toEqual([])
  })

  it('loses very many files', async () => {
    const instance = createInstance()
    const pages = runs(5000)
    for (let page = 0; page < pages; page++) instance.write(join(CACHE, entry(page)), '')
    expect(await purge(instance)).toMatchObject({ code: 0, result: { action: 'deleted', files: pages } })
    expect(readdirSync(instance.path(CACHE))).toEqual([])
  })

  it('counts a file that is dated in the future as old', async () => {
    const instance = createInstance()
    const file = instance.write(join(CACHE, entry('future')))
    utimesSync(file, 4e9, 4e9)
    instance.stub('find', `case " $* " in *' -delete '*) ;; *) exec ${instance.toolPath('find')} "$@" ;; esac`)
    expect(await purge(instance)).toMatchObject({ ...failure, stderr: expect.stringContaining(entry('future')) as string })
  })
})

describe('links', () => {
  it('stay, with what they point at, whatever they are called', async () => {
    const instance = createInstance()
    const outside = instance.write('outside/dir/keep', 'precious')
    instance.directory(CACHE)
    const digest = createHash('md5').update('link').digest('hex')
    instance.write(`outside/dir/${digest}`, 'precious too')
    symlinkSync(instance.path('outside/dir'), instance.path(CACHE, 'a'))
    symlinkSync(outside, instance.path(CACHE, digest))
    symlinkSync('/nowhere', instance.path(CACHE, 'dangling'))
    expect(await purge(instance)).toMatchObject({ code: 0, result: { files: 0 } })
    expect(readdirSync(instance.path(CACHE))).toEqual([digest, 'a', 'dangling'].sort())
    expect(readFileSync(instance.path(`outside/dir/${digest}`), 'utf8')).toBe('precious too')
    expect(readFileSync(outside, 'utf8')).toBe('precious')
  })

  it('as the root are followed once: the real directory is emptied, and both stay', async () => {
    const instance = createInstance()
    instance.write(join('mnt/cache', entry('a')))
    symlinkSync(instance.path('mnt/cache'), instance.path('link'))
    expect(await purge(instance, instance.path('link'))).toMatchObject({ code: 0, result: { action: 'deleted', files: 1 } })
    expect(readdirSync(instance.path('mnt/cache'))).toEqual([])
    expect(readlinkSync(instance.path('link'))).toBe(instance.path('mnt/cache'))
  })
})

describe('a cache without files', () => {
  it('that is empty is a success that says so', async () => {
    const instance = createInstance()
    instance.directory(`${CACHE}/a/bc`)
    const run = await purge(instance)
    expect(run).toMatchObject({ code: 0, result: { action: 'empty', freedBytes: expect.any(Number) as number, files: 0 } })
    expect(run.stdout).toContain('held no files')
  })

  it('that does not exist is a success that says so, and is not created', async () => {
    const instance = createInstance()
    const run = await purge(instance)
    expect(run).toMatchObject({ code: 0, result: { action: 'absent', freedBytes: 0, files: 0 } })
    expect(run.stdout).toContain('does not exist')
    expect(instance.exists(CACHE)).toBe(false)
  })
})

it('succeeds while other processes write to and delete from the cache, and leaves no old file', async () => {
  const instance = createInstance()
  const cache = instance.path(CACHE)
  for (let page = 0; page < 3000; page++) instance.write(join(CACHE, entry(page)), '')
  const loops = [
    // As nginx does: create the level directory again, then the file.
    `i=0; while :; do i=$((i+1)); d='${cache}'/$((i % 10))/$((i % 10))0; mkdir -p "$d"; echo x >"$d/new-$i"; done`,
    // As its cache manager does: delete one file after the other.
    `while :; do for f in '${cache}'/*/*/*a; do rm -f "$f"; done; done`,
  ]
  const children = loops.map((loop) => spawn('bash', ['-c', loop], { stdio: 'ignore' }))
  const stop = () => {
    for (const child of children) child.kill('SIGKILL')
  }
  onTestFinished(stop)
  const run = await purge(instance)
  const stillRunning = children.every((child) => child.exitCode === null)
  const left = execFileSync('find', [cache, '-type', 'f', '!', '-name', 'new-*'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  stop()
  expect(stillRunning).toBe(true)
  expect(run).toMatchObject({ code: 0, stderr: '', result: { action: 'deleted' } })
  expect(left).toBe('')
  // The loops may be in the middle of a line when they are killed; let them be gone before the directory is removed.
  await Promise.all(children.map((child) => new Promise((resolve) => child.once('close', resolve))))
})

it('takes neither a complaint of find nor a file written meanwhile for a failure', async () => {
  const instance = createInstance()
  instance.write(join(CACHE, entry('old')))
  const find = instance.toolPath('find')
  // What a busy cache does to find, on every pass: a new file, hence a directory that is not empty, hence exit code 1.
  instance.stub('find', `case " $* " in *' -delete '*) ${find} "$@"; >new; exit 1 ;; esac; exec ${find} "$@"`)
  expect(await purge(instance)).toMatchObject({ code: 0, stderr: '', result: { action: 'deleted', files: 1 } })
  expect(readdirSync(instance.path(CACHE))).toEqual(['new'])
})

describe('a deletion that does not succeed', () => {
  it('fails, with what is left and why', async () => {
    const instance = createInstance()
    instance.write(join(CACHE, entry('locked')))
    const find = instance.toolPath('find')
    // Works also when the tests run as root, whom no permission stops.
    instance.stub(
      'find',
      `case " $* " in *' -delete '*) echo "find: cannot delete './x': Operation not permitted" >&2; exit 1 ;; esac; exec ${find} "$@"`,
    )
    const run = await purge(instance)
    expect(run).toMatchObject(failure)
    expect(run.stderr).toContain('Operation not permitted')
    expect(run.stderr).toContain(entry('locked'))
    expect(run.stderr.trimEnd().split('\n').at(-1)).toBe(
      'purgeflow: 0 entries of the cache are deleted, 1 could not be, for example those above',
    )
  })

  it('keeps its message short when much is left', async () => {
    const instance = createInstance()
    for (let file = 0; file < 500; file++) instance.write(join(CACHE, entry(file)))
    instance.stub('find', `case " $* " in *' -delete '*) exit 1 ;; esac; exec ${instance.toolPath('find')} "$@"`)
    const run = await purge(instance)
    expect(run).toMatchObject(failure)
    expect(run.stderr.length).toBeLessThan(5000)
  })

  it('fails when the check itself cannot run', async () => {
    const instance = createInstance()
    instance.write(join(CACHE, entry('a page')))
    instance.stub('find', `case $1 in /dev/null) ${instance.toolPath('find')} "$@" ;; *) exit 1 ;; esac`)
    expect(await purge(instance)).toMatchObject({ ...failure, stderr: expect.stringContaining('cannot check') as string })
  })

  it('is tried again', async () => {
    const instance = createInstance()
    instance.write(join(CACHE, entry('a page')))
    const done = instance.path('first-pass')
    const find = instance.toolPath('find')
    instance.stub('find', `case " $* " in *' -delete '*) if [ ! -e '${done}' ]; then >'${done}'; exit 1; fi ;; esac; exec ${find} "$@"`)
    expect(await purge(instance)).toMatchObject({ code: 0, result: { action: 'deleted' } })
    expect(readdirSync(instance.path(CACHE))).toEqual([])
  })
})

it('leaves no temporary file behind', async () => {
  const instance = createInstance()
  mkdirSync(instance.path('tmp'))
  instance.write(join(CACHE, entry('a page')))
  await purge(instance)
  expect(readdirSync(instance.path('tmp'))).toEqual([])
})

describe('what is no entry of an nginx cache', () => {
  it('stays: a release, its secrets and a backup under a directory that was named by mistake', async () => {
    const instance = createInstance()
    const kept = ['releases/20261125/index.php', 'shared/config/.env', 'backup/db.sql.gz'].map((file) =>
      instance.write(`${CACHE}/${file}`, file),
    )
    const run = await purge(instance)
    expect(run).toMatchObject({ code: 0, result: { action: 'empty', files: 0 } })
    expect(run.stdout).toContain('Left 3 files that are no cache entries, for example in: backup, releases, shared.')
    for (const file of kept) expect(file.endsWith(readFileSync(file, 'utf8'))).toBe(true)
  })

  it('stays: the temporary files of nginx, whose directories lie below the cache', async () => {
    const instance = createInstance()
    const upload = instance.write(`${CACHE}/client_temp/0000000001`, 'an upload')
    const large = instance.write(`${CACHE}/proxy_temp/1/00/0000000001`, 'a large page')
    instance.directory(`${CACHE}/fastcgi_temp`)
    instance.write(join(CACHE, entry('a page')))
    expect(await purge(instance)).toMatchObject({ code: 0, result: { files: 1 } })
    expect(readFileSync(upload, 'utf8')).toBe('an upload')
    expect(readFileSync(large, 'utf8')).toBe('a large page')
    expect(instance.exists(`${CACHE}/fastcgi_temp`)).toBe(true)
  })

  /** Names that are nearly those of entries and levels, and some that are. */
  const name = fc.oneof(
    fc.constantFrom('a', '0', 'f3', '00', 'g', 'A', 'abc', '.a', 'client_temp', 'a b', 'ü', '-rf', 'new\nline', '*'),
    fc.stringMatching(/^[0-9a-f]{32}$/),
    fc.stringMatching(/^[0-9a-f]{32}\.[0-9]{10}$/),
    fc.stringMatching(/^[0-9A-Fg]{32}$/),
    fc.stringMatching(/^[0-9a-f]{31}$/),
    fc.stringMatching(/^[0-9a-f]{32}\.[a-z]{1,3}$/),
  )
  const file = fc.record({ path: fc.array(name, { minLength: 1, maxLength: 5 }), kind: fc.constantFrom('file', 'file', 'file', 'link') })
  const isEntry = (path: string): boolean => /^([0-9a-f]{1,2}\/){0,3}[0-9a-f]{32}(\.[0-9]{10})?$/.test(path)

  it('stays byte for byte where it was, in any tree, and every entry is gone', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 60 }), async (files) => {
        const instance = createInstance()
        const target = instance.write('outside/precious', 'precious')
        const made = new Map<string, string>()
        instance.directory(CACHE)
        for (const { path, kind } of files) {
          const relative = path.join('/')
          const taken = [...made.keys()].some(
            (other) => other === relative || other.startsWith(`${relative}/`) || relative.startsWith(`${other}/`),
          )
          if (taken) continue
          made.set(relative, kind)
          if (kind === 'file') instance.write(join(CACHE, relative), relative)
          else {
            mkdirSync(dirname(instance.path(CACHE, relative)), { recursive: true })
            symlinkSync(target, instance.path(CACHE, relative))
          }
        }
        const entries = [...made].filter(([path, kind]) => kind === 'file' && isEntry(path))
        expect(await purge(instance)).toMatchObject({ code: 0, result: { files: entries.length } })
        for (const [path, kind] of made) {
          const at = instance.path(CACHE, path)
          if (kind === 'link') expect(readlinkSync(at)).toBe(target)
          else if (isEntry(path)) expect(existsSync(at)).toBe(false)
          else expect(readFileSync(at, 'utf8')).toBe(path)
        }
        expect(readFileSync(target, 'utf8')).toBe('precious')
      }),
      { numRuns: trees },
    )
  })

  it('stays, also while the site user swaps level directories for links at full speed', { timeout: 240_000 }, async () => {
    const instance = createInstance()
    const cache = instance.path(CACHE)
    const digest = createHash('md5').update('victim').digest('hex')
    const victim = instance.write(`outside/00/${digest}`, 'precious')
    instance.directory(CACHE)
    const swap = `while :; do mkdir -p '${cache}/a/00' && : >'${cache}/a/00/${digest}'; mv '${cache}/a' '${cache}/b.$RANDOM'; ln -s '${instance.path('outside')}' '${cache}/a'; rm -rf '${cache}'/b.* '${cache}/a'; done`
    const child = spawn('bash', ['-c', swap], { stdio: 'ignore' })
    onTestFinished(() => {
      child.kill('SIGKILL')
    })
    // A minute of it, or a sixth.
    for (const end = Date.now() + 1000 * runs(60); Date.now() < end; ) {
      await purge(instance)
      expect(readFileSync(victim, 'utf8')).toBe('precious')
    }
    expect(child.exitCode).toBe(null)
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('close', resolve))
  })
})
