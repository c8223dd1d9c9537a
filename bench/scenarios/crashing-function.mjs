// Goes around a built function, which lies beside this file as real.mjs: lets every fiftieth call die at a random moment of the time
// that such a call takes, and says how much memory is really in use after the others.

import { appendFileSync, statSync } from 'node:fs'
import process from 'node:process'
import { setTimeout } from 'node:timers'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const beside = (path) => new URL(path, import.meta.url)
const { handler: real } = await import(beside('real.mjs').href)
/** All processes share it, and its size counts the calls. */
const counter = beside('../calls')

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')
let usualMs = 100

const print = (line, then) => process.stdout.write(`${line}\n`, then)
const crash = () => print('CRASH', () => process.exit(1))

export const handler = async (event, context) => {
  appendFileSync(counter, '.')
  if (statSync(counter).size % 50 === 10) setTimeout(crash, Math.random() * usualMs)
  const startedAt = performance.now()
  const result = await real(event, context)
  usualMs = performance.now() - startedAt
  collectGarbage()
  const { heapUsed, external, rss } = process.memoryUsage()
  print(`MEMORY ${process.pid} ${heapUsed + external} ${rss}`)
  return result
}
