import { describe, expect, it } from 'vitest'
import { fails, runPurge } from './run-purge.ts'

const plan = (notifiesOnSuccess: boolean) => () => ({
  target: { id: 'assets' },
  commands: [],
  edge: { status: 'pending' },
  proof: null,
  notifiesOnSuccess,
  notes: ['one note'],
})
const edge = () => ({ status: 'done', accepted: ['30 URLs'] })

describe('a purge that wants no message', () => {
  it('ends without one, and its output says what was purged', async () => {
    const { tasks, ending, output } = await runPurge({ plan: plan(false), edge })
    expect(tasks).toEqual(['plan', 'edge'])
    expect(ending.status).toBe('SUCCEEDED')
    expect(output).toEqual({ target: 'assets', accepted: ['30 URLs'], notes: ['one note'] })
  })

  it('tells all the same when it fails', async () => {
    const { tasks, ending } = await runPurge({ plan: plan(false), edge: () => fails('EdgeUnavailable') })
    expect(tasks).toEqual(['plan', 'edge', 'notify failure'])
    expect(ending).toMatchObject({ status: 'FAILED', error: 'PurgeFailed' })
  })

  it('ends with one where the plan says so', async () => {
    expect((await runPurge({ plan: plan(true), edge })).tasks).toEqual(['plan', 'edge', 'notify success'])
  })
})

describe('a function that dies half-way', () => {
  it.each(['Runtime.ExitError', 'Sandbox.Timedout', 'Lambda.Unknown'])('is called again: %s', async (error) => {
    const { tasks } = await runPurge({
      plan: (_input, before) => (before < 3 ? fails(error) : plan(false)()),
      edge: (_input, before) => (before < 3 ? fails(error) : edge()),
    })
    expect(tasks).toEqual([...Array<string>(4).fill('plan'), ...Array<string>(4).fill('edge')])
  })

  it('is given up after the fourth time, and Slack is told', async () => {
    const { tasks } = await runPurge({ plan: plan(false), edge: () => fails('Runtime.ExitError') })
    expect(tasks).toEqual(['plan', ...Array<string>(4).fill('edge'), 'notify failure'])
  })
})
