import { expect, it } from 'vitest'
import { followCommand, followNaively } from '../../../bench/scenarios/poll-loop.ts'
import { aConfig, aTarget } from '../../config/a-config.ts'

const { edge: _edge, ...target } = aTarget({ layers: [{ kind: 'nginx-fastcgi', cachePath: '/var/cache/nginx/portal' }] })
const config = aConfig({ targets: [target] })

it.each([
  [0.2, 11],
  [1, 11],
  [5, 16],
  [30, 30],
  [120, 60],
])('a script of %d s takes %i transitions at most, fewer than to ask once a second', async (seconds, most) => {
  const { transitions } = await followCommand(config, seconds)
  expect(transitions).toBeLessThanOrEqual(most)
  if (seconds > 4) expect(transitions).toBeLessThan((await followNaively(seconds)).transitions)
})

it('the end of a script is known within half a second, a second, or a tenth of the time that it took', async () => {
  for (let seconds = 0; seconds <= 300; seconds += seconds < 12 ? 1.37 : 31.3) {
    const { lagSeconds } = await followCommand(config, seconds)
    expect(lagSeconds).toBeGreaterThanOrEqual(0)
    expect(lagSeconds).toBeLessThanOrEqual(seconds < 2 ? 0.5 : Math.max(1, seconds / 10))
  }
})
