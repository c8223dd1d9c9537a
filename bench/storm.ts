// `npm run bench`: 100,000 events, one in five about an object that has just changed, through everything between the queue and Cloudflare.

import { runStorm } from '../local/storm.ts'

const events = Number(process.argv[2] ?? 100_000)
const result = await runStorm({ events, distance: 300, seed: 20_261_121, log: (line) => { console.log(line) } })
const { accepted, refusedByChance, limited, memory } = result
const all = accepted + refusedByChance + limited
/** Whoever sends a request that is refused by chance must send it again. */
const needed = result.floor + refusedByChance
const percent = (part: number, whole: number): string => `${((part / whole) * 100).toFixed(1)} %`
const peak = (values: readonly number[]): number => Math.max(0, ...values)
const half = Math.ceil(memory.length / 2)

console.log(`
events                              ${result.events}, about ${result.distinctUrls} URLs
time                                ${result.seconds.toFixed(0)} s
executions                          ${result.executions}, of which failed ${result.failures.length}
function calls that died half-way   ${result.crashes}
the floor: full requests            ${result.floor}
requests that Cloudflare accepted   ${accepted} (${percent(accepted, result.floor)} of the floor)
refused by chance with 429 or 500   ${refusedByChance}
refused by the rate limit           ${limited}
all requests                        ${all} (${percent(all, needed)} of the floor and the refusals by chance)
URLs not purged after their event   ${result.missed}
messages given up, messages left    ${result.dead}, ${result.left}
messages in Slack                   ${result.slackMessages}
intake-s3's memory, first half      ${peak(memory.slice(0, half))} MB at most
                    second half     ${peak(memory.slice(half))} MB at most`)

const fine = result.missed === 0 && result.dead === 0 && result.left === 0 && result.failures.length === 0 && accepted <= result.floor * 1.1 && all <= needed * 1.1
for (const failure of result.failures) console.error(failure)
if (!fine) {
  console.error('\nNot as it ought to be: something was lost, or took more than a tenth more requests than it had to.')
  process.exitCode = 1
}
