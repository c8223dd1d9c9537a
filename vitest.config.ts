import { configDefaults, defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['__tests__/**/*.test.ts'],
    // These need terraform, the aws command line, moto or nginx: vitest.deploy.config.ts.
    exclude: [...configDefaults.exclude, '__tests__/deploy/**', '__tests__/engines/**', '__tests__/nginx/**'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two cores: more workers than that only make the timing of child processes noisier.
    maxWorkers: 2,
  },
})
