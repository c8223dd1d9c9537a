// Loaded into every Node process that a test starts (NODE_OPTIONS): config/targets.ts belongs to its user, and what it says must change
// no test. Who imports it gets the config of the tests; who reaches the file itself all the same fails.

import { registerHooks } from 'node:module'

const users = new URL('../config/targets.ts', import.meta.url)
const ours = new URL('targets.ts', import.meta.url)

registerHooks({
  resolve: (specifier, context, nextResolve) => {
    const resolved = nextResolve(specifier, context)
    return resolved.url === users.href ? { ...resolved, url: ours.href } : resolved
  },
  load: (url, context, nextLoad) => {
    if (new URL(url).pathname === users.pathname) throw new Error('a test loads config/targets.ts, which belongs to its user')
    return nextLoad(url, context)
  },
})
