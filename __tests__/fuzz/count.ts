// How much: `npm run fuzz` has all of it, the gate and `npm test` a part that takes seconds.

import { runs } from '../runs.ts'

const isFuzz = process.env['PURGEFLOW_FUZZ'] === 'all'

export const fuzzRuns = (all: number): number => (isFuzz ? all : runs(Math.ceil(all / 20)))
