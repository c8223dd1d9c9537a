// `npm run bench`: 100,000 events, one in five about an object that has just changed, through everything between the queue and Cloudflare.

import { runStorm } from '../local/storm.ts'

const events = Number(process.argv[2] ?? 100_000)
const result = await runStorm({ events, distance: 300, seed: 20_261_121, log: (line) => { console.log(line) } })
const { floor, accepted, refused, memory } = result
const percent = (part: number): string => `${((part / floor) * 100).toFixed(1)} %`
const peak = (values: readonly number[]): number => Math.max(0, ...values)
const half = Math.ceil(memory.length / 2)

console.log(`
events                              ${result.events}, about ${result.distinctUrls} URLs
time                                ${result.seconds.toFixed(0)} s
executions                          ${result.executions}, of which failed ${result.failedExecutions}
function calls that died half-way   ${result.crashes}
requests if nothing ever failed     ${floor}
requests that Cloudflare accepted   ${accepted} (${percent(accepted)})
all requests, with 429 and 500      ${accepted + refused} (${percent(accepted + refused)})
URLs not purged after their event   ${result.missed}
messages given up, messages left    ${result.dead}, ${result.left}
messages in Slack                   ${result.slackMessages}
intake-s3's memory, first half      ${peak(memory.slice(0, half))} MB at most
                    second half     ${peak(memory.slice(half))} MB at most`)

const fine = result.missed === 0 && result.dead === 0 && result.left === 0 && result.failedExecutions === 0 && accepted + refused <= floor * 1.1
if (!fine) {
  console.error('\nNot as it ought to be: something was lost, or took more than a tenth more requests than it had to.')
  process.exitCode = 1
}
