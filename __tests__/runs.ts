/**
 * How often a test with random input that starts processes is repeated: a sixth of what the gate does, so that `npm test` is quick.
 * `PURGEFLOW_TEST_RUNS=all npm test` does them all.
 */
export const runs = (all: number): number => (process.env['PURGEFLOW_TEST_RUNS'] === 'all' ? all : Math.ceil(all / 6))
