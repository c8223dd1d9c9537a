// What needs more than Node: terraform, the aws command line and moto (`npm run test:deploy`, `npm run test:engines`), nginx (`npm run test:nginx`).

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Each file has an AWS of its own, and mostly waits for terraform.
    maxWorkers: 2,
    testTimeout: 420_000,
    hookTimeout: 180_000,
  },
})
