// One poll, with a clock of its own.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CommandStatus, watchCommand } from '../../../handlers/confirm-command/watch.ts'
import { aPlannedCommand } from '../factories.ts'

const milliseconds = 4000
/** @param name empty where Run Command does not show the command yet */
const status = (name: string): CommandStatus =>
  name === '' ? { statuses: [], details: [], targetCounts: [] } : { statuses: [name], details: [name], targetCounts: [1] }

/** @param endsAt milliseconds after the poll began */
const watch = async (endsAt: number, { count = 0, waits = [3, 5], before = 'InProgress', end = 'Success' } = {}) => {
  let now = 0
  let requests = 0
  const poll = await watchCommand(
    { command: aPlannedCommand({ waits, pollSeconds: 9 }), sent: { id: 'c' }, poll: { count } },
    {
      ask: () => {
        requests += 1
        return Promise.resolve(status(now >= endsAt ? end : before))
      },
      sleep: (pause) => Promise.resolve((now += pause)),
      milliseconds,
    },
  )
  return { poll, now, requests }
}

describe('a poll', () => {
  it.each(['Success', 'Failed', 'TimedOut', 'Cancelled'])('ends with one request where the command has ended as %s', async (end) => {
    expect(await watch(0, { end })).toEqual({ poll: { ...status(end), count: 1, waitSeconds: 3 }, now: 0, requests: 1 })
  })

  it.each(['Pending', 'InProgress', 'Cancelling', ''])('goes on while the command is %j, and returns in its time', async (before) => {
    expect(await watch(Infinity, { before })).toEqual({ poll: { ...status(before), count: 1, waitSeconds: 3 }, now: 4000, requests: 8 })
    expect(await watch(Infinity, { before, count: 1 })).toMatchObject({ poll: { count: 2, waitSeconds: 5 }, now: 4000, requests: 5 })
  })

  it('waits as an older plan has it where the plan lists no wait', async () => {
    expect((await watch(Infinity, { waits: [] })).poll.waitSeconds).toBe(9)
    expect((await watch(Infinity, { count: 2 })).poll.waitSeconds).toBe(9)
  })

  it('knows an end in the first two seconds within half a second, and any other within one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 4000 }), fc.boolean(), async (endsAt, first) => {
        const { poll, now } = await watch(endsAt, { count: first ? 0 : 1 })
        expect(poll.statuses).toEqual(['Success'])
        expect(now - endsAt).toBeLessThanOrEqual(first && endsAt <= 2000 ? 500 : 1000)
      }),
    )
  })
})
