// A bucket as a source of purges: whose events count, and at which URLs the world sees its objects.

import * as z from 'zod'
import { Hostname, matching } from './fields.ts'

/** Capitals, underscores and more than 63 characters are old names, which rules.ts takes in us-east-1 only. */
export const BucketName = matching(
  /^(?!xn--|sthree-)(?!.*(-s3alias|--ol-s3)$)(?!\d+\.\d+\.\d+\.\d+$)[A-Za-z0-9](?!.*\.\.)[A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/,
  'the name of an S3 bucket (acme-assets)',
)

/** Begins a key or a path, which begin without a slash. S3 filters take at most 1,024 bytes. */
const Beginning = z
  .string()
  .max(512)
  .refine((text) => !text.startsWith('/'), 'must not begin with a slash: keys do not, and the path gets its own')
  .refine(
    (text) => !text.split('/').some((part) => part === '.' || part === '..'),
    'must not hold . or .. segments: a browser removes them',
  )

const Extension = matching(/^[^./\s][^/\s]*$/, 'an extension without its first dot (jpg, tar.gz)')

const Origin = z
  .string()
  .refine((text) => URL.parse(text)?.origin === text && /^https?:/.test(text), 'is not an origin (https://www.example.com)')

export const BucketSource = z.strictObject({
  name: BucketName,
  /** Who writes the bucket's notification configuration; docs/s3.md tells them apart. */
  attach: z.enum(['notification', 'eventbridge', 'external']),
  /** Only keys that begin so are purged. */
  prefix: Beginning.default(''),
  /** Where the objects are served. */
  hosts: z.array(Hostname).min(1).max(10),
  /** Key to path, where they differ: the first that fits counts. */
  rewrite: z
    .array(z.strictObject({ from: Beginning, to: Beginning }))
    .max(20)
    .default([]),
  /** Also purges `docs/` for `docs/index.html`. */
  indexDocument: matching(/^[^/\s]+$/, 'a file name (index.html)').optional(),
  /** Extensions, in any case; everything when left out. What is in both is excluded. */
  include: z.array(Extension).min(1).optional(),
  exclude: z.array(Extension).min(1).optional(),
  /** What else Cloudflare caches the same object under. */
  variants: z
    .strictObject({
      schemes: z
        .array(z.enum(['https', 'http']))
        .min(1)
        .max(2)
        .default(['https']),
      origins: z.array(Origin).max(10).default([]),
    })
    .prefault({}),
  /** More URLs than this under one of these paths, in one batch, become one prefix purge. */
  prefixPurges: z
    .array(z.strictObject({ prefix: Beginning.min(1).max(100), moreThan: z.int().min(1).max(100_000) }))
    .max(10)
    .default([]),
  /** Tells Slack of a purge of more URLs than this. Left out: failures only. */
  notifyAbove: z.int().min(0).optional(),
})
export type BucketSource = z.infer<typeof BucketSource>
