// Block Kit as Slack checks it. Exact for the blocks of a report; the others must be known and are checked loosely.

import * as z from 'zod'

const plainText = (max: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(max), emoji: z.boolean().optional() })
const mrkdwn = (max: number) =>
  z.strictObject({ type: z.literal('mrkdwn'), text: z.string().min(1).max(max), verbatim: z.boolean().optional() })
const text = (max: number) => z.discriminatedUnion('type', [plainText(max), mrkdwn(max)])

const blockId = { block_id: z.string().min(1).max(255).optional() }

const image = {
  type: z.literal('image'),
  image_url: z.string().min(1).max(3000).optional(),
  slack_file: z.looseObject({}).optional(),
  alt_text: z.string().min(1).max(2000),
}

const section = z
  .strictObject({
    type: z.literal('section'),
    ...blockId,
    text: text(3000).optional(),
    fields: z.array(text(2000)).min(1).max(10).optional(),
    accessory: z.looseObject({ type: z.string() }).optional(),
    expand: z.boolean().optional(),
  })
  .refine((block) => block.text !== undefined || block.fields !== undefined, 'a section needs text or fields')

const taskCard = z.strictObject({
  type: z.literal('task_card'),
  ...blockId,
  task_id: z.string().min(1),
  title: z.string().min(1),
  status: z.enum(['pending', 'in_progress', 'complete', 'error']),
  details: z.looseObject({ type: z.literal('rich_text') }).optional(),
  output: z.looseObject({ type: z.literal('rich_text') }).optional(),
  sources: z.array(z.unknown()).optional(),
})

/** Known to Slack in a message; nothing in this project sends them, so their inside is not checked. */
const looselyChecked = ['card', 'carousel', 'context_actions', 'file', 'markdown', 'rich_text', 'table', 'video'] as const

const Block = z.discriminatedUnion('type', [
  section,
  z.strictObject({ type: z.literal('header'), ...blockId, text: plainText(150) }),
  z.strictObject({ type: z.literal('divider'), ...blockId }),
  z.strictObject({
    type: z.literal('context'),
    ...blockId,
    elements: z
      .array(z.union([text(3000), z.strictObject(image)]))
      .min(1)
      .max(10),
  }),
  z.strictObject({ ...image, ...blockId, title: plainText(2000).optional() }),
  z.strictObject({
    type: z.literal('actions'),
    ...blockId,
    elements: z
      .array(z.looseObject({ type: z.string() }))
      .min(1)
      .max(25),
  }),
  taskCard,
  z.strictObject({ type: z.literal('plan'), ...blockId, title: z.string().min(1), tasks: z.array(taskCard).optional() }),
  z.looseObject({ type: z.enum(looselyChecked), ...blockId }),
])

export const Blocks = z
  .array(Block)
  .max(50)
  .refine((blocks) => {
    const ids = blocks.flatMap((block) => block.block_id ?? [])
    return new Set(ids).size === ids.length
  }, 'two blocks have one block_id')
