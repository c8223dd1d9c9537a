// The shape of the one file that an operator edits, and every rule that can be checked without asking AWS.

import * as z from 'zod'
import { purgedHosts } from '../edge/cloudflare/purged-hosts.ts'
import { Edge } from '../edge/cloudflare/schema.ts'
import { BucketName, BucketSource } from './bucket.ts'
import { commandWords } from './command-words.ts'
import { Layer, layerKind, LooseLayer } from '../layers/kinds.ts'
import { evenBesideOtherErrors, Id, matching, ParameterName } from './fields.ts'
import { Instances } from './instances.ts'
import { pollingProblem } from './polling.ts'
import { mostCommands, Probes } from './probes.ts'
import { regionPattern } from './regions.ts'
import { violations } from './rules.ts'

const onAnyList = { when: ({ value }: { readonly value: unknown }) => Array.isArray(value) }

const duplicates = (values: readonly unknown[]): unknown[] => [
  ...new Set(values.filter((value, index) => value !== undefined && values.indexOf(value) !== index)),
]

const Label = z.string().trim().min(1).max(60)
const Region = matching(regionPattern, 'a region of the AWS partition "aws" (us-east-1)')
const TopicArn = matching(
  /^arn:aws:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/,
  'the ARN of an SNS topic (arn:aws:sns:us-east-1:123456789012:on-call)',
)
const StateKey = matching(/^[A-Za-z0-9_-][A-Za-z0-9_.-]*(\/[A-Za-z0-9_.-]+)*$/, 'the key of an S3 object (purgeflow/terraform.tfstate)')
const ChannelId = matching(/^[CGD][A-Z0-9]{2,20}$/, 'a Slack channel id (C0123456789); names change, ids do not')
const UserId = matching(/^[UW][A-Z0-9]{2,20}$/, 'a Slack user id (U0123456789)')

const Layers = z
  .array(Layer)
  .max(8)
  .superRefine((layers, context) => {
    const known = layers.map((layer) => LooseLayer.safeParse(layer).data)
    known.forEach((layer, index) => {
      const inner = known[index - 1]
      if (layer && inner && layerKind(layer.kind).distance < layerKind(inner.kind).distance) {
        context.addIssue({
          code: 'custom',
          path: [index],
          message: `${layer.kind} lies inside ${inner.kind} and must come before it: layers are purged inside out`,
        })
      }
      const site = known
        .map((other) => other?.sitePath)
        .find((sitePath) => sitePath !== undefined && `${sitePath}/`.startsWith(`${layer?.cachePath ?? '?'}/`))
      if (site !== undefined) {
        context.addIssue({
          code: 'custom',
          path: [index, 'cachePath'],
          message: `holds the site ${site}, which would be deleted: name the cache directory itself`,
        })
      }
    })
    for (const id of duplicates(known.map((layer) => layer && (layer.id ?? layer.kind)))) {
      context.addIssue({ code: 'custom', message: `two layers are called ${String(id)}: give each an id of its own` })
    }
  }, onAnyList)

/** What has caches on instances names both; what has a bucket needs neither, but an edge that the bucket's objects are cached at. */
const LooseParts = z.looseObject({
  probes: z
    .looseObject({ urls: z.array(z.string()) })
    .optional()
    .catch(undefined),
  instances: z.unknown().optional(),
  layers: z.array(z.unknown()).catch([undefined]).default([]),
  bucket: z.unknown().optional(),
  edge: z.unknown().optional(),
})

const LooseHosts = z.looseObject({ hosts: z.array(z.string()) })

/** Hosts whose pages a purge of this target can make new at the edge; undefined where it purges everything, or is wrong. */
const hostsPurged = (edge: unknown, bucket: unknown): string[] | undefined => {
  const own = purgedHosts(edge)
  return own && [...new Set([...own, ...(LooseHosts.safeParse(bucket).data?.hosts ?? [])])]
}

const TargetId = Id.refine((id) => !commandWords.some((word) => word === id), {
  error: ({ input }) => `${JSON.stringify(input)} is a word of the slash command (${commandWords.join(', ')}): give the target another id`,
})

export const Target = z
  .strictObject({
    id: TargetId,
    label: Label,
    region: Region,
    instances: Instances.optional(),
    layers: Layers.default([]),
    edge: Edge.optional(),
    bucket: BucketSource.optional(),
    probes: Probes.optional(),
    /** Other targets that readers reach under the same public name: a purge of this one tells that they were not purged. */
    sameSiteAs: z.array(Id).max(100).default([]),
    allow: z.strictObject({ channelIds: z.array(ChannelId).min(1), userIds: z.array(UserId).min(1).optional() }),
  })
  .superRefine((target, context) => {
    const parsed = LooseParts.safeParse(target)
    if (!parsed.success) return
    const { instances, layers, bucket, edge } = parsed.data
    const report = (path: string, message: string) => {
      context.addIssue({ code: 'custom', path: [path], message })
    }
    if (layers.length > 0 && instances === undefined) report('instances', 'is missing: layers lie on instances')
    if (layers.length === 0 && instances !== undefined)
      report('layers', 'is missing: without layers there is nothing to do on the instances')
    if (layers.length === 0 && instances === undefined && bucket === undefined)
      report('layers', 'is missing: a target has layers on instances, or a bucket')
    if (bucket !== undefined && edge === undefined) report('edge', "is missing: the bucket's objects are purged there")
    const covered = edge === undefined ? undefined : hostsPurged(edge, bucket)
    parsed.data.probes?.urls.forEach((url, index) => {
      const host = URL.parse(url)?.hostname
      if (covered === undefined || host === undefined || covered.includes(host)) return
      context.addIssue({
        code: 'custom',
        path: ['probes', 'urls', index],
        message: `${host} is not purged at Cloudflare by this target (${covered.join(', ')}): add it to edge.purge, or probe another page`,
      })
    })
  }, evenBesideOtherErrors)
export type Target = z.infer<typeof Target>

const LooseTarget = z.looseObject({ id: z.string() })
/** For the rule that a bucket lies in one region, and is attached in one way. */
const LooseSource = z.looseObject({ region: z.string(), bucket: z.looseObject({ name: z.string(), attach: z.string() }) })

const Intake = z.strictObject({
  /** Seconds that the first event waits for others, so that many share one request. At most 300. */
  batchWindowSeconds: z.int().min(1).max(300).default(5),
  /** Batches that are read at the same time: a storm waits in the queue, not at Cloudflare. AWS allows no less than 2. */
  maxConcurrency: z.int().min(2).max(10).default(2),
})

const Commands = z.strictObject({
  documentPrefix: matching(/^[A-Za-z][A-Za-z0-9_.-]{0,40}$/, 'a document prefix (TD-)'),
  /** Seconds until an instance must have picked a command up. */
  deliveryTimeoutSeconds: z.int().min(30).max(600).default(60),
  /** Seconds that a script may run. */
  executionTimeoutSeconds: z.int().min(5).max(900).default(300),
  /** The longest wait between two polls of a running command, in seconds. */
  pollSeconds: z.int().min(1).max(60).default(30),
})

/** What the rule about polling reads; a target that is wrong elsewhere does not hide it. */
const Polled = z.looseObject({
  commands: z.looseObject({ ...Commands.shape, documentPrefix: z.unknown() }),
  targets: z.array(
    z
      .looseObject({ layers: z.array(z.unknown()), probes: z.unknown().optional(), instances: z.unknown().optional() })
      .catch({ layers: [] }),
  ),
})

export const Config = z
  .strictObject({
    /** Where an editor finds the JSON schema of a config.json; nothing of ours reads it. */
    $schema: z.string().optional(),
    /** Begins the name of every resource, so that two deployments fit in one account. */
    name: matching(/^[a-z][a-z0-9-]{1,19}$/, 'a deployment name (lower-case letters, digits and -, 2 to 20)'),
    /** Where the Slack endpoint and the secrets live. */
    homeRegion: Region,
    /** Regions that are newer than our list of them. */
    newRegions: z.array(Region).default([]),
    /** Where Terraform keeps its state: a bucket that exists. Left out: a file beside cdktf.json, which only one person can use. */
    state: z.strictObject({ bucket: BucketName, key: StateKey.optional(), region: Region }).optional(),
    tags: z.record(z.string().min(1).max(128), z.string().max(256)).default({}),
    logRetentionDays: z.union([7, 14, 30, 60, 90, 180, 365].map((days) => z.literal(days))).default(30),
    /** Who is told of an alarm, by region: a topic serves the alarms of its own region only. */
    alarmTopicArns: z.record(Region, z.array(TopicArn).min(1)).default({}),
    slack: z.strictObject({
      signingSecretParameter: ParameterName,
      /** Holds the secret that was valid before a rotation; its parameter need not exist. */
      previousSigningSecretParameter: ParameterName.optional(),
      webhookParameter: ParameterName,
      /** Concurrent calls that only slack-command may use; the account must keep 100 for others. */
      reservedConcurrency: z.int().min(2).max(100).optional(),
    }),
    /** Of the customer-managed key that encrypts the secrets' parameters, where it is not the account's own alias/aws/ssm. */
    kmsKeyArn: matching(
      /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/(mrk-)?[0-9a-f-]{32,36}$/,
      'the ARN of a KMS key (arn:aws:kms:REGION:ACCOUNT:key/ID), not of an alias',
    ).optional(),
    commands: Commands,
    /** How the events of buckets are read. */
    intake: Intake.prefault({}),
    targets: z
      .array(Target)
      .min(1)
      .max(100)
      .superRefine((targets, context) => {
        for (const id of duplicates(targets.map((target) => LooseTarget.safeParse(target).data?.id))) {
          context.addIssue({ code: 'custom', message: `two targets are called ${String(id)}` })
        }
        const sources = targets.map((target) => LooseSource.safeParse(target).data)
        sources.forEach((source, index) => {
          const first = sources.find((other) => other?.bucket.name === source?.bucket.name)
          if (first === undefined || source === undefined) return
          if (first.region !== source.region)
            context.addIssue({
              code: 'custom',
              path: [index, 'region'],
              message: `the bucket ${source.bucket.name} belongs to another target in ${first.region}, and lies in one region`,
            })
          if (first.bucket.attach !== source.bucket.attach)
            context.addIssue({
              code: 'custom',
              path: [index, 'bucket', 'attach'],
              message: `another target attaches the bucket ${source.bucket.name} by ${first.bucket.attach}: use the same`,
            })
        })
      }, onAnyList),
    /** Names for several targets at once: { all: ['portal', 'main'] }. */
    groups: z.record(TargetId, z.array(Id).min(2).max(100)).default({}),
  })
  .superRefine((config, context) => {
    const parsed = Polled.safeParse(config)
    if (!parsed.success) return
    const { commands, targets } = parsed.data
    const problem = pollingProblem(commands, Math.max(...targets.map(mostCommands)))
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['commands', 'executionTimeoutSeconds'], message: problem })
  }, evenBesideOtherErrors)
  .superRefine((config, context) => {
    for (const { path, message, known } of violations(config)) context.addIssue({ code: 'custom', path, message, params: { known } })
  }, evenBesideOtherErrors)
export type Config = z.infer<typeof Config>
/** The config as an operator writes it, before the defaults are filled in. */
export type ConfigInput = z.input<typeof Config>
