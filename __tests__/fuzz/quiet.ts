// What is logged about a hundred thousand requests is neither shown nor kept.

import { afterAll, beforeAll, vi } from 'vitest'

export const quietConsole = (): void => {
  beforeAll(() => {
    const nothing = (): void => undefined
    vi.stubGlobal('console', { ...console, log: nothing, info: nothing, warn: nothing, error: nothing })
  })
  afterAll(() => {
    vi.unstubAllGlobals()
  })
}
