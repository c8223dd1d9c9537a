// The workflows get rights in an account, so what they run is pinned.

import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

interface Job {
  readonly if?: string
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[]
}
interface Workflow {
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, Job>>
}

const folder = resolve(import.meta.dirname, '../../.github/workflows')

describe.each(readdirSync(folder))('%s', (file) => {
  const workflow = parse(readFileSync(join(folder, file), 'utf8')) as Workflow
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps)

  it('pins every action to a full commit', () => {
    expect(steps.flatMap(({ uses }) => uses ?? []).filter((uses) => !/@[0-9a-f]{40}$/.test(uses))).toEqual([])
  })

  it('writes nothing to the repository', () => {
    expect(workflow.permissions).toEqual({ contents: 'read', 'id-token': 'write' })
  })

  it('pastes nothing from outside into a shell', () => {
    expect(steps.flatMap(({ run }) => run ?? []).filter((run) => run.includes('${{'))).toEqual([])
  })
})

it('deploy.yml plans on a pull request and applies on main only', () => {
  const { plan, apply } = (parse(readFileSync(join(folder, 'deploy.yml'), 'utf8')) as Workflow).jobs
  expect(plan?.if).toContain("github.event_name == 'pull_request'")
  expect(plan?.steps.flatMap(({ run }) => run ?? []).join('\n')).not.toContain('deploy')
  expect(apply?.if).toContain("github.ref == 'refs/heads/main' && github.event_name != 'pull_request'")
})
