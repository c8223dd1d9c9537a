import { describe, expect, it } from 'vitest'
import type { LayerOutcome, NoResult, OriginObservation, ProbeOutcome } from '../../../statemachines/data/outcome.ts'
import { Plan } from '../../../statemachines/data/plan.ts'
import { planPurge } from '../../../handlers/plan-purge/core.ts'
import { describeFinding } from '../../../statemachines/data/proof.ts'
import { originCleanAtOf, judgeRound } from '../../../handlers/probe-edge/core.ts'
import { createHandler } from '../../../handlers/probe-edge/handler.ts'
import type { PageAnswer } from '../../../handlers/probe-edge/request-page.ts'
import type { Finding } from '../../../statemachines/data/proof.ts'
import { aConfig, aTarget } from '../../config/a-config.ts'
import { anOutcome, noon } from '../factories.ts'

const url = 'https://portal.example.com/'
const [a, b] = ['i-0a1b2c3d4e5f60718', 'i-0a1b2c3d4e5f60719'] as const
const zone = '/var/cache/nginx/portal'
const began = noon / 1000

const aPlan = (): Plan & { proof: NonNullable<Plan['proof']> } => {
  const plan = planPurge({ target: 'portal' }, aConfig({ targets: [aTarget({ instances: { ids: [a, b] }, probes: { urls: [url] } })] }))
  return {
    ...plan,
    proof: plan.proof!,
    edge: { ...plan.edge!, pending: [], accepted: ['host portal.example.com'], status: 'done', bucket: { tokens: 24, at: noon } },
  }
}
const purged = (changes: Partial<LayerOutcome['instances'][number]> = {}): LayerOutcome =>
  anOutcome({
    id: 'nginx-fastcgi',
    label: 'FastCGI',
    instances: [a, b].map((instanceId) => ({
      instanceId,
      action: 'deleted',
      freedBytes: 1,
      files: 1,
      detail: 'done',
      began,
      inFlight: 0,
      ...changes,
    })),
  })
const observation = (changes: Partial<OriginObservation> = {}): OriginObservation => ({
  status: 200,
  cache: 'MISS',
  then: 'HIT',
  age: '',
  date: '',
  stored: 0,
  zone: '',
  ...changes,
})
const probed = (observations: Record<string, OriginObservation>, unseen: ProbeOutcome['unseen'] = []): ProbeOutcome => ({
  id: 'probe:after',
  label: 'Probe after',
  outcome: 'probed',
  commandId: 'c',
  instances: Object.entries(observations).map(([instanceId, each]) => ({
    instanceId,
    action: 'probed',
    now: began + 5,
    openFileCache: false,
    probes: [each],
  })),
  unseen,
})
const old = observation({ cache: 'HIT', then: '', stored: began - 100, zone })
const edge = (verdict: Finding['verdict'] = 'fresh'): Finding => ({ where: 'edge', url, verdict, evidence: 'MISS (FRA)', cause: '' })
const judge = (after: ProbeOutcome, atEdge = [edge()], plan = aPlan(), layer = purged()) => {
  const next = judgeRound({ plan, layers: [layer, after] }, atEdge)
  expect(Plan.parse(next)).toEqual(next)
  return next
}

describe('a round', () => {
  it('is verified when every instance and the edge are fresh', () => {
    expect(judge(probed({ [a]: observation(), [b]: observation() })).proof).toMatchObject({
      verdict: 'verified',
      next: 'done',
      round: 1,
      findings: [{ where: `${a}, ${b}`, verdict: 'fresh' }, { where: 'edge' }],
    })
  })

  it('with one of two instances stale is stale, names it, and purges its layer and everything outside it once more', () => {
    const next = judge(probed({ [a]: observation(), [b]: old }))
    expect(next.proof).toMatchObject({ verdict: 'stale', next: 'purge-again', retried: [`${b}: / HIT`] })
    expect(next.commands.map(({ id }) => id)).toEqual(['nginx-fastcgi', 'probe:after'])
    expect(next.edge).toMatchObject({ status: 'pending', pending: [{ hosts: ['portal.example.com'] }] })
  })

  it('with only the edge stale purges the edge alone', () => {
    const next = judge(probed({ [a]: observation(), [b]: observation() }), [edge('stale')])
    expect([next.commands, next.edge?.pending.length, next.proof?.next]).toEqual([[], 1, 'purge-again'])
  })

  it('that is stale a second time is told', () => {
    const first = judge(probed({ [a]: observation(), [b]: old }))
    const second = judge(probed({ [a]: observation(), [b]: old }), [edge()], { ...first, proof: first.proof! })
    expect(second.proof).toMatchObject({ verdict: 'stale', next: 'report-stale', round: 2 })
  })

  it('that is fresh the second time is verified, and keeps what was stale before', () => {
    const first = judge(probed({ [a]: observation(), [b]: old }))
    const second = judge(probed({ [a]: observation(), [b]: observation() }), [edge()], { ...first, proof: first.proof! })
    expect(second.proof).toMatchObject({ verdict: 'verified', next: 'done', retried: [`${b}: / HIT`], purged: [{ id: 'nginx-fastcgi' }] })
  })

  it.each<[string, ProbeOutcome, Finding[]]>([
    ['an instance that could not be looked at', probed({ [a]: observation() }, [{ instanceId: b, reason: 'offline' }]), [edge()]],
    ['an edge that caches nothing', probed({ [a]: observation(), [b]: observation() }), [edge('unproven')]],
    ['no look at the edge', probed({ [a]: observation(), [b]: observation() }), []],
    ['no instance', probed({}), [edge()]],
  ])('with %s proves nothing, and purges nothing again', (_name, after, atEdge) => {
    expect(judge(after, atEdge).proof).toMatchObject({ verdict: 'unproven', next: 'done' })
  })

  const noResult = (id: string): NoResult => ({ id, label: id, outcome: 'no-result', error: 'Runtime.ExitError', cause: 'it died' })

  it('whose probe of the instances has no result proves nothing, says why, and purges nothing again', () => {
    const { proof } = judgeRound({ plan: aPlan(), layers: [purged(), noResult('probe:after')] }, [edge()])
    expect(proof).toMatchObject({ verdict: 'unproven', next: 'done', purged: [{ id: 'nginx-fastcgi' }] })
    expect(proof?.findings[0]).toMatchObject({ where: 'origin', verdict: 'unproven', cause: 'Runtime.ExitError: it died' })
  })

  it('counts from its own edge purge where its probe of the instances has no result, and not from an earlier round', () => {
    const plan = aPlan()
    const layers = [purged(), noResult('probe:after')]
    expect(originCleanAtOf({ plan: { ...plan, proof: { ...plan.proof, originCleanAt: noon } }, layers })).toBeUndefined()
  })

  it('is proven without the probe before', () => {
    const layers = [noResult('probe:before'), purged(), probed({ [a]: observation(), [b]: observation() })]
    expect(judgeRound({ plan: aPlan(), layers }, [edge()]).proof?.verdict).toBe('verified')
  })

  it('while requests from before the purge run is stale, also with a MISS', () => {
    expect(judge(probed({ [a]: observation(), [b]: observation() }), [edge()], aPlan(), purged({ inFlight: 1 })).proof).toMatchObject({
      verdict: 'stale',
      next: 'purge-again',
    })
  })

  it('tells also after the second purge what it was before the first', () => {
    const before = { ...probed({ [a]: old, [b]: old }), id: 'probe:before' }
    const first = judgeRound({ plan: aPlan(), layers: [before, purged(), probed({ [a]: old, [b]: old })] }, [edge()])
    const second = judge(probed({ [a]: observation(), [b]: observation() }), [edge()], { ...first, proof: first.proof! })
    expect(second.proof?.findings[0]?.evidence).toBe('HIT -> MISS, then HIT')
  })

  it('while they still run after the second purge is no alarm and no proof', () => {
    const first = judge(probed({ [a]: observation(), [b]: observation() }), [edge()], aPlan(), purged({ inFlight: 1 }))
    const second = judge(
      probed({ [a]: observation(), [b]: observation() }),
      [edge()],
      { ...first, proof: first.proof! },
      purged({ inFlight: 1 }),
    )
    expect(second.proof).toMatchObject({
      verdict: 'unproven',
      next: 'done',
      findings: [{ cause: expect.stringContaining('long download') as string }, {}],
    })
  })

  it.each([
    ['#1', 'fresh'],
    ['#2', 'stale'],
    [zone, 'fresh'],
    ['/var/cache/nginx', 'stale'],
  ])('with a HIT from a new file in %s is %s', (where, verdict) => {
    const hit = observation({ cache: 'HIT', then: '', stored: began + 1, zone: where })
    expect(judge(probed({ [a]: hit, [b]: hit })).proof?.findings[0]?.verdict).toBe(verdict)
  })

  it('shows evidence in one line', () => {
    expect(describeFinding({ ...edge('stale'), cause: 'why' })).toBe('Cloudflare: / MISS (FRA) (why)')
  })
})

const anAnswer = (changes: Partial<PageAnswer> = {}): PageAnswer => ({
  status: 200,
  headers: {},
  body: '',
  at: noon + 900,
  answeredAt: noon + 901,
  ...changes,
})
const noAnswer = anAnswer({ status: 0 })

describe('the function', () => {
  const request = (after = probed({ [a]: observation(), [b]: observation() })) => ({ plan: aPlan(), layers: [purged(), after] })
  /** An edge where a visitor came `refilledMs` after its purge, seen over a way of `wayMs`, by a clock that only sleeping moves. */
  const refilled = ({
    refilledMs = 10,
    wayMs = 3,
    copyFrom = noon + refilledMs,
  }: {
    refilledMs?: number
    wayMs?: number
    copyFrom?: number
  } = {}) => {
    let now = noon + 200
    const waits: number[] = []
    const request = (requested: string) => {
      // The site answers no query string: headers decide.
      if (requested !== url) return Promise.resolve(noAnswer)
      const at = now
      now += 2 * wayMs
      const age = String(Math.floor((at + wayMs - copyFrom) / 1000))
      return Promise.resolve(anAnswer({ headers: { 'cf-cache-status': 'HIT', age, 'cf-ray': 'x-FRA' }, at, answeredAt: now }))
    }
    const sleep = (ms: number) => {
      waits.push(ms)
      now += ms
      return Promise.resolve()
    }
    return { waits, deps: { request, newMarker: () => 'a', sleep, now: () => now } }
  }

  it('tells a copy of just after the purge by looking where its Age is about to tick', async () => {
    const { deps, waits } = refilled()
    expect((await createHandler(deps)(request())).proof?.verdict).toBe('verified')
    expect(waits).toEqual([expect.closeTo(795, -1)])
  })

  it('tells at once where the origin was clean a second before the edge', async () => {
    const { deps, waits } = refilled({ refilledMs: 1, wayMs: 200 })
    expect(
      (await createHandler(deps)(request({ ...probed({ [a]: observation(), [b]: observation() }), requestedAt: noon - 1000 }))).proof,
    ).toMatchObject({ verdict: 'verified', originCleanAt: noon - 1000 })
    expect(waits).toEqual([])
  })

  it('tells after one pause where the origin was clean a little before the edge, over a long way', async () => {
    const { deps, waits } = refilled({ refilledMs: 5, wayMs: 90 })
    expect(
      (await createHandler(deps)(request({ ...probed({ [a]: observation(), [b]: observation() }), requestedAt: noon - 200 }))).proof
        ?.verdict,
    ).toBe('verified')
    expect(waits).toHaveLength(1)
  })

  it.each([1, 50, 300, 999])('never trusts a copy that is %i ms older than the clean origin', async (older) => {
    const { deps } = refilled({ copyFrom: noon - 200 - older })
    const { proof } = await createHandler(deps)(request({ ...probed({ [a]: observation(), [b]: observation() }), requestedAt: noon - 200 }))
    expect(proof?.verdict).not.toBe('verified')
  })

  it('never trusts a copy from between the purge of the edge and a clean origin, should that order ever come', async () => {
    const { deps } = refilled({ copyFrom: noon + 50 })
    const { proof } = await createHandler(deps)(request({ ...probed({ [a]: observation(), [b]: observation() }), requestedAt: noon + 150 }))
    expect(proof?.verdict).not.toBe('verified')
  })

  it('gives up on a copy whose age never tells', async () => {
    const { deps, waits } = refilled({ refilledMs: 1, wayMs: 300 })
    const { proof } = await createHandler(deps)(request())
    expect(proof).toMatchObject({ verdict: 'unproven', findings: [{}, { cause: expect.stringContaining('does not tell') as string }] })
    expect(waits).toHaveLength(3)
  })

  it('knows in a round of the edge alone since when the origin is clean', async () => {
    const { deps, waits } = refilled({ refilledMs: 1, wayMs: 200 })
    const plan = aPlan()
    const { proof } = await createHandler(deps)({
      plan: { ...plan, proof: { ...plan.proof, round: 1, originCleanAt: noon - 2000 } },
      layers: [],
    })
    expect(proof?.findings).toMatchObject([{ where: 'edge', verdict: 'fresh' }])
    expect(waits).toEqual([])
  })

  it('asks for every URL of a plan with an edge, and says what it saw', async () => {
    const { proof } = await createHandler({
      request: (requested) =>
        Promise.resolve(requested === url ? anAnswer({ headers: { 'cf-cache-status': 'MISS', 'cf-ray': 'x-FRA' } }) : noAnswer),
      newMarker: () => 'a',
      sleep: () => Promise.resolve(),
      now: () => noon + 900,
    })(request())
    expect(proof).toMatchObject({
      verdict: 'verified',
      findings: [{}, { where: 'edge', url, evidence: 'MISS (FRA), by headers: there was no answer to the reference' }],
    })
  })
})
