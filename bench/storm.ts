// `npm run bench [-- EVENTS SEED DISTANCE]`: 100,000 events, one in five about an object that has just changed, through everything
// between the queue and Cloudflare.

import { fewestBatches, growthOf } from './scenarios/growth.ts'
import { runStorm } from './scenarios/storm.ts'

const [events = 100_000, seed = 20_261_121, distance = 300] = process.argv.slice(2).map(Number)
const result = await runStorm({
  events,
  distance,
  seed,
  log: (line) => {
    console.log(line)
  },
})
const { floor, accepted, refusedByChance, limited, held } = result
const all = accepted + refusedByChance + limited
const percent = (count: number): string => `${((count / floor) * 100).toFixed(1)} %`
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
const [longest = []] = held.toSorted((a, b) => b.length - a.length)
const memory = growthOf(longest)

console.log(`
seed                                ${seed}
events                              ${result.events}, about ${result.distinctUrls} URLs
time                                ${result.seconds.toFixed(0)} s
executions                          ${result.executions}, of which failed ${result.failures.length}
function calls that died half-way   ${result.crashes}
the floor: full requests, each once ${floor}
requests that Cloudflare accepted   ${accepted} (${percent(accepted)} of the floor)
refused by chance with 429 or 500   ${refusedByChance}
refused by the rate limit           ${limited}
all requests                        ${all} (${percent(all)} of the floor)
URLs not purged after their event   ${result.missed}
messages given up, messages left    ${result.dead}, ${result.left}
messages in Slack                   ${result.slackMessages}
intake-s3's memory without garbage  ${memory ? `${megabytes(memory.mean)}, ${(memory.slope / 1000).toFixed(1)} kB more a batch over ${memory.batches} batches` : `not told: it takes ${fewestBatches} batches of one process`}
                    with it         ${megabytes(result.peakMemory)} at most`)

const fine =
  result.missed === 0 &&
  result.dead === 0 &&
  result.left === 0 &&
  result.failures.length === 0 &&
  all <= floor * 1.1 &&
  (memory === undefined || memory.slope * memory.batches <= memory.mean * 0.05)
for (const failure of result.failures) console.error(failure)
if (!fine) {
  console.error('\nNot as it ought to be: something was lost, grew, or took more than a tenth more requests than it had to.')
  process.exitCode = 1
}
