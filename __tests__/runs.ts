// Random input and long lists for tests that start processes: the gate has all of it, `npm test` a sixth, so that it is quick.
// `PURGEFLOW_TEST_RUNS=all npm test` does all as well.

const every = process.env['PURGEFLOW_TEST_RUNS'] === 'all' ? 1 : 6

export const runs = (all: number): number => Math.ceil(all / every)

/** Every sixth, from another one on for each `at`: tests with the same list and another `at` have other samples of it. */
export const sample = <T>(all: readonly T[], at: number): T[] => all.filter((_, index) => (index + at) % every === 0)

/** Random trees for one property of a script that deletes: the two that there are have a thousand in the gate. */
export const trees = every === 1 ? 500 : 10
