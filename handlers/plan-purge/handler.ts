// First state of the machine: the execution's input in, the plan out.

import { loadConfig } from '../../config/load.ts'
import type { Config } from '../../config/schema.ts'
import targets from '../../config/targets.ts'
import { lazily } from '../shared/lazily.ts'
import { planPurge } from './core.ts'
import type { Plan } from '../../statemachines/data/plan.ts'

export const createHandler =
  ({ config }: { readonly config: Config }) =>
  (request: unknown): Promise<Plan> =>
    // An async boundary, so that InvalidRequest becomes a rejection and not a throw.
    Promise.resolve().then(() => planPurge(request, config))

export const handler = lazily(() => createHandler({ config: loadConfig(targets) }))
