/** How a cache directory is emptied. purge-fastcgi stands for both scripts that delete: they share the code. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createInstance, failure, type Instance } from './instance.ts'

const CACHE = 'var/cache/nginx'

function purge(instance: Instance, cache = instance.path(CACHE)) {
  return instance.run('purge-fastcgi', { CachePath: cache, NginxPidFile: instance.pidFile })
}

describe('a cache that holds files', () => {
  it('loses every file and directory and keeps its root', async () => {
    const instance = createInstance()
    instance.write(`${CACHE}/a/bc/0123456789abcdef`, 'x'.repeat(10_000))
    instance.write(`${CACHE}/.hidden/file`)
    instance.directory(`${CACHE}/empty`)
    const run = await purge(instance)
    expect(run).toMatchObject({ code: 0, stderr: '', result: { action: 'deleted', files: 2 } })
    expect(readdirSync(instance.path(CACHE))).toEqual([])
  })

  it('reports the bytes that the disk has back', async () => {
    const instance = createInstance()
    // Random, because a compressing file system would store a run of x in nothing.
    writeFileSync(instance.write(`${CACHE}/a`), crypto.getRandomValues(new Uint8Array(60_000)))
    execFileSync('sync', [instance.path(CACHE)])
    const { result } = await purge(instance)
    const { freedBytes } = result as { freedBytes: number }
    expect(freedBytes).toBeGreaterThanOrEqual(60_000)
    expect(freedBytes).toBeLessThan(120_000)
  })

  it('loses names with spaces, quotes, newlines, unicode, a leading dash and bytes that are no text', async () => {
    const instance = createInstance()
    const names = ['a b', ' ', 'new\nline', 'ünïcødé-日本', '-rf', '--', "it's", '"', '$(x)', '*', '\\', '\u001b[31m']
    for (const name of names) instance.write(join(CACHE, `dir ${name}`, name))
    writeFileSync(Buffer.concat([Buffer.from(`${instance.path(CACHE)}/`), Buffer.from([0xff, 0xfe])]), 'x')
    expect(await purge(instance)).toMatchObject({ code: 0, result: { files: names.length + 1 } })
    expect(readdirSync(instance.path(CACHE))).toEqual([])
  })

  it('works in a cache whose own path has spaces and unicode', async () => {
    const instance = createInstance()
    instance.write('my cache/ünï\u00e9/file')
    expect(await purge(instance, instance.path('my cache/ünï\u00e9'))).toMatchObject({ code: 0, result: { files: 1 } })
    expect(readdirSync(instance.path('my cache/ünï\u00e9'))).toEqual([])
  })

  // A process per file would take minutes; making the files is the slow part on a busy machine.
  it('loses 50,000 files within 30 s', { timeout: 180_000 }, async () => {
    const instance = createInstance()
    for (let directory = 0; directory < 250; directory++) {
      const path = instance.directory(`${CACHE}/${directory}/x`)
      for (let file = 0; file < 200; file++) writeFileSync(join(path, String(file)), '')
    }
    const start = performance.now()
    expect(await purge(instance)).toMatchObject({ code: 0, result: { action: 'deleted', files: 50_000 } })
    expect(performance.now() - start).toBeLessThan(30_000)
    expect(readdirSync(instance.path(CACHE))).toEqual([])
  })

  it('counts a file that is dated in the future as old', async () => {
    const instance = createInstance()
    const file = instance.write(`${CACHE}/future`)
    utimesSync(file, 4e9, 4e9)
    instance.stub('find', `case " $* " in *' -delete '*) ;; *) exec ${instance.toolPath('find')} "$@" ;; esac`)
    expect(await purge(instance)).toMatchObject({ ...failure, stderr: expect.stringContaining('./future') as string })
  })
})

describe('links', () => {
  it('go, and what they point at stays', async () => {
    const instance = createInstance()
    const outside = instance.write('outside/dir/keep', 'precious')
    instance.directory(CACHE)
    symlinkSync(instance.path('outside/dir'), instance.path(CACHE, 'to-directory'))
    symlinkSync(outside, instance.path(CACHE, 'to-file'))
    symlinkSync('../../../outside', instance.path(CACHE, 'relative'))
    symlinkSync('/nowhere', instance.path(CACHE, 'dangling'))
    expect(await purge(instance)).toMatchObject({ code: 0, result: { files: 4 } })
    expect(readdirSync(instance.path(CACHE))).toEqual([])
    expect(readFileSync(outside, 'utf8')).toBe('precious')
  })

  it('as the root are followed once: the real directory is emptied, and both stay', async () => {
    const instance = createInstance()
    instance.write('mnt/cache/file')
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
  for (let directory = 0; directory < 30; directory++) {
    const path = instance.directory(`${CACHE}/${directory}`)
    for (let file = 0; file < 100; file++) writeFileSync(join(path, `old-${file}`), '')
  }
  const loops = [
    // As nginx does: create the level directory again, then the file.
    `i=0; while :; do i=$((i+1)); d='${cache}'/$((i % 30)); mkdir -p "$d"; echo x >"$d/new-$i"; done`,
    // As its cache manager does: delete one file after the other.
    `while :; do for f in '${cache}'/*/*-1*; do rm -f "$f"; done; done`,
  ]
  const children = loops.map((loop) => spawn('bash', ['-c', loop], { stdio: 'ignore' }))
  const stop = () => {
    for (const child of children) child.kill('SIGKILL')
  }
  onTestFinished(stop)
  const run = await purge(instance)
  const stillRunning = children.every((child) => child.exitCode === null)
  const left = execFileSync('find', [cache, '-name', 'old-*'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  stop()
  expect(stillRunning).toBe(true)
  expect(run).toMatchObject({ code: 0, stderr: '', result: { action: 'deleted' } })
  expect(left).toBe('')
  // The loops may be in the middle of a line when they are killed; let them be gone before the directory is removed.
  await Promise.all(children.map((child) => new Promise((resolve) => child.once('close', resolve))))
})

it('takes neither a complaint of find nor a file written meanwhile for a failure', async () => {
  const instance = createInstance()
  instance.write(`${CACHE}/old`)
  const find = instance.toolPath('find')
  // What a busy cache does to find, on every pass: a new file, hence a directory that is not empty, hence exit code 1.
  instance.stub('find', `case " $* " in *' -delete '*) ${find} "$@"; >new; exit 1 ;; esac; exec ${find} "$@"`)
  expect(await purge(instance)).toMatchObject({ code: 0, stderr: '', result: { action: 'deleted', files: 1 } })
  expect(readdirSync(instance.path(CACHE))).toEqual(['new'])
})

describe('a deletion that does not succeed', () => {
  it('fails, with what is left and why', async () => {
    const instance = createInstance()
    instance.write(`${CACHE}/locked/fi\nle`)
    const find = instance.toolPath('find')
    // Works also when the tests run as root, whom no permission stops.
    instance.stub(
      'find',
      `case " $* " in *' -delete '*) echo "find: cannot delete './locked': Operation not permitted" >&2; exit 1 ;; esac; exec ${find} "$@"`,
    )
    const run = await purge(instance)
    expect(run).toMatchObject(failure)
    expect(run.stderr).toContain('Operation not permitted')
    expect(run.stderr).toContain('./locked/fi?le')
    expect(run.stderr.trimEnd().split('\n').at(-1)).toBe('purgeflow: 2 entries of the cache could not be deleted, for example those above')
  })

  it('keeps its message short when much is left', async () => {
    const instance = createInstance()
    for (let file = 0; file < 500; file++) instance.write(`${CACHE}/${'x'.repeat(200)}-${file}`)
    instance.stub('find', `case " $* " in *' -delete '*) exit 1 ;; esac; exec ${instance.toolPath('find')} "$@"`)
    const run = await purge(instance)
    expect(run).toMatchObject(failure)
    expect(run.stderr.length).toBeLessThan(5000)
  })

  it('fails when the check itself cannot run', async () => {
    const instance = createInstance()
    instance.write(`${CACHE}/file`)
    instance.stub('find', 'exit 1')
    expect(await purge(instance)).toMatchObject({ ...failure, stderr: expect.stringContaining('cannot check') as string })
  })

  it('is tried again', async () => {
    const instance = createInstance()
    instance.write(`${CACHE}/file`)
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
  instance.write(`${CACHE}/file`)
  await purge(instance)
  expect(readdirSync(instance.path('tmp'))).toEqual([])
})
