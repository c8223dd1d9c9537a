// Breaks one invariant after the other, in a copy of the working tree, and wants the tests that hold it to go red: npm run test:mutants

import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { mutations, type Mutation } from './mutants/list.ts'

const root = resolve(import.meta.dirname, '..')

const copyOfTree = (): string => {
  const copy = mkdtempSync(join(tmpdir(), 'purgeflow-mutants-'))
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' })
  for (const file of files.split('\0')) if (file !== '' && existsSync(join(root, file))) cpSync(join(root, file), join(copy, file))
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

const test = (copy: string, files: readonly string[]) =>
  spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', '--bail', '1', ...files], {
    cwd: copy,
    encoding: 'utf8',
  })

/** @throws when the mutation no longer applies: the code has changed, and the list must */
const mutate = (copy: string, { file, find, replace }: Mutation): (() => void) => {
  const path = join(copy, file)
  const text = readFileSync(path, 'utf8')
  const count = text.split(find).length - 1
  if (count !== 1) throw new Error(`${file} has ${JSON.stringify(find)} ${count} times, and not once: correct scripts/mutants/list.ts`)
  writeFileSync(
    path,
    text.replace(find, () => replace),
  )
  return () => {
    writeFileSync(path, text)
  }
}

const copy = copyOfTree()
try {
  const named = [...new Set(mutations.flatMap(({ tests }) => tests))]
  const before = test(copy, named)
  if (before.status !== 0) throw new Error(`the tests are red before anything is broken:\n${before.stdout.slice(-3000)}`)
  let killed = 0
  for (const mutation of mutations) {
    const restore = mutate(copy, mutation)
    // Red by an assertion: a file that cannot be loaded proves nothing.
    const { stdout } = test(copy, mutation.tests)
    restore()
    const isKilled = /Tests .*\d+ failed/.test(stdout)
    if (isKilled) killed += 1
    console.log(`${isKilled ? 'killed' : 'ALIVE '}  ${mutation.breaks} (${mutation.file})`)
  }
  console.log(`killed ${killed} of ${mutations.length}`)
  if (killed < mutations.length) process.exitCode = 1
} finally {
  rmSync(copy, { recursive: true, force: true })
}
