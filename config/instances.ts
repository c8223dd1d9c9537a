// Which instances a target is on. What is named in several ways counts together: these ids, and those tags, and that group.

import * as z from 'zod'
import { matching } from './fields.ts'

const Tag = z.strictObject({ key: z.string().min(1).max(128), values: z.array(z.string().min(1).max(256)).min(1).max(50) })
type Tag = z.infer<typeof Tag>

const ways = ['ids', 'tag', 'tags', 'autoScalingGroup'] as const

export const Instances = z
  .strictObject({
    ids: z
      .array(matching(/^(i|mi)-[0-9a-f]{8,17}$/, 'an instance id (i-0123456789abcdef0)'))
      .min(1)
      .max(100)
      .optional(),
    /** One of its values is enough. */
    tag: Tag.optional(),
    /** An instance must have all of them. Run Command takes five. */
    tags: z.array(Tag).min(2).max(5).optional(),
    /** By its name: whatever it holds at the time of the purge. */
    autoScalingGroup: z.string().min(1).max(255).optional(),
  })
  .refine((instances) => ways.some((way) => instances[way] !== undefined), {
    error: `names none: give one or more of ${ways.join(', ')}`,
  })
export type Instances = z.infer<typeof Instances>

interface ByIds {
  readonly ids: readonly string[]
}
export interface ByTags {
  readonly tags: readonly [Tag, ...Tag[]]
}
/** What one command can be sent to: up to 50 ids, or all that have every one of up to five tags. */
export type Selector = ByIds | ByTags

/** SendCommand's limit for the values of one target. */
const mostIds = 50

export const selectorsOf = ({ ids = [], tag, tags = [], autoScalingGroup }: Instances): Selector[] => {
  const distinct = [...new Set(ids)]
  const byIds = Array.from(
    { length: Math.ceil(distinct.length / mostIds) },
    (_, part): ByIds => ({
      ids: distinct.slice(part * mostIds, (part + 1) * mostIds),
    }),
  )
  const [first, ...others] = tags
  // EC2 Auto Scaling puts a tag with its name on each instance of a group.
  const group = autoScalingGroup === undefined ? undefined : { key: 'aws:autoscaling:groupName', values: [autoScalingGroup] }
  const single = [tag, group].flatMap((one): ByTags[] => (one ? [{ tags: [one] }] : []))
  return [...byIds, ...single, ...(first ? [{ tags: [first, ...others] } satisfies ByTags] : [])]
}

/** `Site = main or shop, Stage = production`: for a message. */
export const describeTags = (tags: readonly Tag[]): string => tags.map(({ key, values }) => `${key} = ${values.join(' or ')}`).join(', ')

/** How many commands it takes to reach all of them; 1 where they are wrong, or none. */
export const commandsToReach = (instances: unknown): number => {
  const parsed = Instances.safeParse(instances)
  return parsed.success ? selectorsOf(parsed.data).length : 1
}
