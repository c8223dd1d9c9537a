// The workflows get rights in an account, so what they run is pinned.

import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

interface Job {
  readonly if?: string
  readonly needs?: string
  readonly uses?: string
  readonly steps?: readonly { readonly uses?: string; readonly run?: string }[]
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, Job>>
}

const folder = resolve(import.meta.dirname, '../../.github/workflows')
const read = (file: string): Workflow => parse(readFileSync(join(folder, file), 'utf8')) as Workflow

describe.each(readdirSync(folder))('%s', (file) => {
  const workflow = read(file)
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps ?? [])

  it('pins every action to a full commit', () => {
    expect(steps.flatMap(({ uses }) => uses ?? []).filter((uses) => !/@[0-9a-f]{40}$/.test(uses))).toEqual([])
  })

  it('writes nothing to the repository', () => {
    expect({ 'id-token': 'write', ...workflow.permissions }).toEqual({ contents: 'read', 'id-token': 'write' })
  })

  it('pastes nothing from outside into a shell', () => {
    expect(steps.flatMap(({ run }) => run ?? []).filter((run) => run.includes('${{'))).toEqual([])
  })
})

it('deploy.yml plans on a pull request and applies on main only', () => {
  const { plan, apply } = read('deploy.yml').jobs
  expect(plan?.if).toContain("github.event_name == 'pull_request'")
  expect(plan?.steps?.flatMap(({ run }) => run ?? []).join('\n')).not.toContain('deploy')
  expect(apply?.if).toContain("github.ref == 'refs/heads/main' && github.event_name != 'pull_request'")
})

it('applies only what the tests of a pull request have passed', () => {
  const { test, apply } = read('deploy.yml').jobs
  expect(apply?.needs).toBe('test')
  // A condition with always() or failure() would apply in spite of them.
  expect(apply?.if).not.toMatch(/always|failure|cancelled/)
  expect(test?.uses).toBe('./.github/workflows/test.yml')
  const { on, jobs } = read('test.yml')
  expect(Object.keys(on)).toEqual(['pull_request', 'workflow_call'])
  expect(jobs['ci']?.steps?.map(({ run }) => run)).toContain('.ci/run')
})
