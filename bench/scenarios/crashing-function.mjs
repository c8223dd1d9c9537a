// Goes around a built function, which stands beside this file as real.mjs: lets every fiftieth call die at a random moment of the time
// that such a call takes, and says how much memory is really in use after the others.

import { appendFileSync, statSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { handler as real } from './real.mjs'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')
/** All processes share it, and its size counts the calls. */
const counter = new URL('../calls', import.meta.url)
let usualMs = 100

const crash = () => {
  console.log('CRASH')
  process.stdout.write('', () => process.exit(1))
}

export const handler = async (event, context) => {
  appendFileSync(counter, '.')
  if (statSync(counter).size % 50 === 10) setTimeout(crash, Math.random() * usualMs)
  const startedAt = performance.now()
  const result = await real(event, context)
  usualMs = performance.now() - startedAt
  collectGarbage()
  const { heapUsed, external, rss } = process.memoryUsage()
  console.log(`MEMORY ${process.pid} ${heapUsed + external} ${rss}`)
  return result
}
