// A whole purge of pages at the edge alone, from the requests before it to the verdict: what instances say has tests of its own.

import { planPurge } from '../../../handlers/plan-purge/core.ts'
import { createHandler } from '../../../handlers/probe-edge/handler.ts'
import type { PageAnswer } from '../../../handlers/probe-edge/request-page.ts'
import { aConfig, aTarget } from '../../config/a-config.ts'
import { noon } from '../factories.ts'

export const home = 'https://portal.example.com/'

export interface World {
  /** What a reader gets of each page, before the purge and after it. */
  readonly reader: (url: string, isPurged: boolean) => Partial<PageAnswer>
  /** What the site makes of each page; with what stands behind the page's own address. */
  readonly site: (url: string, query: string) => Partial<PageAnswer>
  readonly urls?: readonly string[]
}

/** Headers are those of a page that was made for this request, unless an answer has others. */
export const purgePages = async ({ reader, site, urls = [home] }: World) => {
  const config = aConfig({ targets: [aTarget({ probes: { urls: [...urls] } })] })
  const planned = planPurge({ target: 'portal' }, config)
  const plan = { ...planned, commands: [], proof: { ...planned.proof!, commands: [] } }
  let [isPurged, clock] = [false, noon + 500]
  const handle = createHandler({
    request: (requested: string) => {
      clock += 1
      const url = requested.replace(/\?purgeflow=.*/, '')
      const answer = requested === url ? reader(url, isPurged) : site(url, requested.slice(url.length))
      return Promise.resolve({
        status: 200,
        body: '',
        at: clock,
        answeredAt: clock,
        ...answer,
        headers: { 'content-type': 'text/html', 'cf-cache-status': 'MISS', 'cf-ray': 'x-FRA', ...answer.headers },
      })
    },
    newMarker: () => String(clock),
    sleep: (ms: number) => {
      clock += ms
      return Promise.resolve()
    },
    now: () => clock,
  })
  const before = await handle({ plan })
  isPurged = true
  const after = await handle({ plan: { ...before, edge: { ...before.edge!, bucket: { tokens: 1, at: noon } } }, layers: [] })
  return after.proof!
}
