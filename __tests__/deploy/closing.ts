// What a test file has started ends with the file, also when its start failed halfway.

import { afterAll } from 'vitest'

const closers: (() => unknown)[] = []

/** Closes in the reverse order of starting. */
export const onTestsFinished = (close: () => unknown): void => {
  closers.push(close)
}

afterAll(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})
