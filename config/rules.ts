// Rules between parts of a config that lie far from each other. Each reads what it needs loosely, so that an error
// elsewhere hides none of them.

import * as z from 'zod'
import { regionPattern, regions } from './regions.ts'

export interface Violation {
  readonly path: (string | number)[]
  readonly message: string
  /** What would be right there; whoever explains the error may name the nearest. */
  readonly known?: readonly string[]
}

const text = z.string().optional().catch(undefined)

const Loose = z.looseObject({
  homeRegion: text,
  newRegions: z.array(z.string()).catch([]).default([]),
  state: z.looseObject({ region: text, bucket: text }).optional().catch(undefined),
  alarmTopicArns: z.record(z.string(), z.array(z.unknown())).catch({}).default({}),
  slack: z
    .looseObject({ signingSecretParameter: text, previousSigningSecretParameter: text, webhookParameter: text })
    .catch({ signingSecretParameter: undefined, previousSigningSecretParameter: undefined, webhookParameter: undefined }),
  groups: z.record(z.string(), z.array(z.unknown()).catch([])).catch({}).default({}),
  targets: z
    .array(
      z
        .looseObject({
          id: text,
          sameSiteAs: z.array(z.unknown()).catch([]).default([]),
          region: text,
          bucket: z.looseObject({ name: text }).optional().catch(undefined),
          edge: z
            .looseObject({ credentials: z.looseObject({ kind: text, parameter: text }) })
            .optional()
            .catch(undefined),
        })
        .catch({ id: undefined, sameSiteAs: [], region: undefined }),
    )
    .catch([]),
})
type Loose = z.infer<typeof Loose>

/** A region that looks right and does not exist: `eu-wset-1`. What does not even look right is the schema's to report. */
const unknownRegions = ({ homeRegion, newRegions, state, alarmTopicArns, targets }: Loose): Violation[] => {
  const known = [...regions, ...newRegions]
  const named: [(string | number)[], string | undefined][] = [
    [['homeRegion'], homeRegion],
    [['state', 'region'], state?.region],
    ...Object.keys(alarmTopicArns).map((region): [(string | number)[], string] => [['alarmTopicArns', region], region]),
    ...targets.map(({ region }, index): [(string | number)[], string | undefined] => [['targets', index, 'region'], region]),
  ]
  return named.flatMap(([path, region]) =>
    region === undefined || !regionPattern.test(region) || known.includes(region)
      ? []
      : [{ path, message: `${region} is no region that purgeflow knows (a newer one is named in newRegions, too)`, known }],
  )
}

const topicsElsewhere = ({ alarmTopicArns }: Loose): Violation[] =>
  Object.entries(alarmTopicArns).flatMap(([region, arns]) =>
    arns.flatMap((arn, index): Violation[] => {
      const own = typeof arn === 'string' ? arn.split(':')[3] : undefined
      return own === undefined || own === region
        ? []
        : [
            {
              path: ['alarmTopicArns', region, index],
              message: `is a topic of ${own}: an alarm in ${region} can only use a topic of ${region}`,
            },
          ]
    }),
  )

const secretName = { token: 'a Cloudflare token', 'global-key': 'a Cloudflare global key' }

/** Targets may share a token; no parameter can hold a token and Slack's signing secret. */
const sharedParameters = ({ slack, targets }: Loose): Violation[] => {
  const uses = [
    { path: ['slack', 'signingSecretParameter'], holds: "Slack's signing secret", parameter: slack.signingSecretParameter },
    {
      path: ['slack', 'previousSigningSecretParameter'],
      holds: 'the signing secret of before',
      parameter: slack.previousSigningSecretParameter,
    },
    { path: ['slack', 'webhookParameter'], holds: "the webhook's URL", parameter: slack.webhookParameter },
    ...targets.map(({ edge }, index) => ({
      path: ['targets', index, 'edge', 'credentials', 'parameter'],
      holds: edge?.credentials.kind === 'global-key' ? secretName['global-key'] : secretName.token,
      parameter: edge?.credentials.parameter,
    })),
  ]
  return uses.flatMap(({ path, holds, parameter }, index): Violation[] => {
    const other = uses.slice(0, index).find((use) => use.parameter === parameter && use.holds !== holds)
    return parameter === undefined || other === undefined
      ? []
      : [{ path, message: `${parameter} holds ${other.holds} already: ${holds} needs a parameter of its own` }]
  })
}

const todaysBucket = /^[a-z0-9.-]{3,63}$/

/** Until 2018 us-east-1 took capitals, underscores and up to 255 characters, and such buckets still exist. */
const oldBucketNames = ({ state, targets }: Loose): Violation[] => {
  const buckets = [
    { path: ['state', 'bucket'], name: state?.bucket, region: state?.region },
    ...targets.map(({ bucket, region }, index) => ({ path: ['targets', index, 'bucket', 'name'], name: bucket?.name, region })),
  ]
  return buckets.flatMap(({ path, name, region }) =>
    name === undefined || region === undefined || region === 'us-east-1' || todaysBucket.test(name)
      ? []
      : [{ path, message: `${JSON.stringify(name)} is a name that only buckets of before 2018 in us-east-1 can have` }],
  )
}

const idsOf = ({ targets }: Loose): string[] => targets.flatMap(({ id }) => (id === undefined ? [] : [id]))

/** @returns what is wrong with a list of targets' ids: each is one, and once in the list */
const listProblems = (list: readonly unknown[], ids: readonly string[], path: readonly (string | number)[]): Violation[] =>
  list.flatMap((id, index): Violation[] => {
    if (typeof id !== 'string') return []
    const at = [...path, index]
    if (!ids.includes(id)) return [{ path: at, message: `there is no target ${JSON.stringify(id)} (${ids.join(', ')})`, known: ids }]
    return list.indexOf(id) === index ? [] : [{ path: at, message: `${id} is named already` }]
  })

/** A group is not called like a target. */
const groupMembers = ({ groups, ...config }: Loose): Violation[] => {
  const ids = idsOf({ groups, ...config })
  return Object.entries(groups).flatMap(([name, members]): Violation[] => [
    ...(ids.includes(name) ? [{ path: ['groups', name], message: 'is the id of a target, too: give the group another name' }] : []),
    ...listProblems(members, ids, ['groups', name]),
  ])
}

const sameSites = (config: Loose): Violation[] =>
  config.targets.flatMap(({ id, sameSiteAs }, index): Violation[] => {
    const path = ['targets', index, 'sameSiteAs']
    const own = sameSiteAs.indexOf(id)
    return own < 0 || id === undefined
      ? listProblems(sameSiteAs, idsOf(config), path)
      : [{ path: [...path, own], message: `${id} is this target itself` }]
  })

/** @param config what an operator wrote, right or wrong */
export const violations = (config: unknown): Violation[] => {
  const parsed = Loose.safeParse(config)
  return parsed.success
    ? [unknownRegions, topicsElsewhere, sharedParameters, oldBucketNames, groupMembers, sameSites].flatMap((rule) => rule(parsed.data))
    : []
}
