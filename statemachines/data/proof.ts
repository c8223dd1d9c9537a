// What a purge knows about its own success, as it travels through the state machine from one probe to the next.

import { edgeName } from '../../edge/cloudflare/name.ts'
import * as z from 'zod'
import { ContentObservation } from './content.ts'
import { LayerOutcome } from './outcome.ts'
import { PlannedCommand } from './command.ts'
import { PurgeBody } from '../../edge/cloudflare/bodies.ts'

/** One page, seen at one place. `fresh`: a visitor gets no old copy. `stale`: one does, or nothing shows that one does not. */
export const Finding = z.object({
  /** Instances that answered alike, or `edge`. */
  where: z.string(),
  url: z.string(),
  verdict: z.enum(['fresh', 'stale', 'unproven']),
  /** What was seen, in short: `HIT -> MISS`. */
  evidence: z.string(),
  /** What that means, in words; empty where the page is fresh. */
  cause: z.string(),
})
export type Finding = z.infer<typeof Finding>

export const Proof = z.object({
  urls: z.array(z.string()).min(1),
  hitStatuses: z.array(z.string()),
  /** Every layer of the target and the probe after them, for a second round; the plan itself holds what this round runs. */
  commands: z.array(PlannedCommand),
  /** The edge purge, for a second round. */
  edgeBodies: z.array(PurgeBody),
  /** Every layer was purged by then, epoch milliseconds: what the edge took from the origin later is new. Absent where there are no layers. */
  originCleanAt: z.number().optional(),
  /** What each instance's cache said of each URL before the first layer was purged: a second round does not ask again. */
  before: z.record(z.string(), z.array(z.string())).optional(),
  /** How each URL's copy at the edge compared with what the site made before anything was purged; absent where nobody could tell. */
  edgeBefore: z.record(z.string(), ContentObservation).optional(),
  /** How often the purge was probed. */
  round: z.int().nonnegative(),
  /** What the state machine does now: nothing more, purge once more what is stale, or tell that it stays stale. */
  next: z.enum(['done', 'purge-again', 'report-stale']),
  verdict: z.enum(['verified', 'stale', 'unproven']),
  findings: z.array(Finding),
  /** What was stale in the first round, in one line each, when there was a second. */
  retried: z.array(z.string()),
  /** The newest outcome of each layer, of all rounds. */
  purged: z.array(LayerOutcome),
})
export type Proof = z.infer<typeof Proof>

const path = (url: string): string => url.replace(/^https?:\/\/[^/]+/, '')

/** `/ HIT -> MISS, then HIT` */
export const describeFinding = ({ where, url, evidence, cause }: Finding): string =>
  `${where === 'edge' ? edgeName : where}: ${path(url)} ${evidence}${cause === '' ? '' : ` (${cause})`}`
