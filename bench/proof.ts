// `npm run bench:proof`: 200 purges of a healthy site under visitors, each from the slash command to the message. All must be verified.

import { purgeHealthySite } from './scenarios/healthy-site.ts'

const wanted = Number(process.argv[2] ?? 200)
const began = Date.now()
const { runs, visits } = await purgeHealthySite({
  runs: wanted,
  onRun: ({ verified, visitorsGotTheNewCopy, message }, index) => {
    if ((index + 1) % 20 === 0) console.log(`${index + 1} purges`)
    if (!verified || !visitorsGotTheNewCopy)
      console.log(`run ${index}, new copy for visitors: ${visitorsGotTheNewCopy ? 'yes' : 'no'}\n${message}\n`)
  },
})
const verified = runs.filter((run) => run.verified).length
const truthful = runs.filter((run) => run.visitorsGotTheNewCopy).length
console.log(
  `${verified} of ${wanted} verified; visitors got the new copy after ${truthful} of ${wanted}; ${visits} visits in ${((Date.now() - began) / 1000).toFixed(0)} s`,
)
process.exitCode = verified === wanted && truthful === wanted ? 0 : 1
