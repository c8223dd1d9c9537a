// A Slack message as a reader sees it, for a terminal. Renders what it understands and names the rest; never throws.

import * as z from 'zod'
import { renderMrkdwn, withEmoji } from './mrkdwn.ts'
import { createStyle, visibleWidth, withoutControls, type Style } from './terminal.ts'

const Text = z.looseObject({ type: z.enum(['plain_text', 'mrkdwn']), text: z.string() })
type Text = z.infer<typeof Text>
const Image = z.looseObject({ type: z.literal('image'), alt_text: z.string() })

const Block = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('header'), text: Text }),
  z.looseObject({ type: z.literal('section'), text: Text.optional(), fields: z.array(Text).optional() }),
  z.looseObject({ type: z.literal('context'), elements: z.array(z.union([Text, Image])) }),
  z.looseObject({ type: z.literal('divider') }),
  z.looseObject({
    type: z.literal('plan'),
    title: z.string(),
    tasks: z.array(z.looseObject({ title: z.string(), status: z.enum(['pending', 'in_progress', 'complete', 'error']) })).default([]),
  }),
  Image,
])
type Block = z.infer<typeof Block>

const AnyBlock = z.looseObject({ type: z.string() })
const Message = z.looseObject({ text: z.string().default(''), blocks: z.array(z.unknown()).default([]) })

const width = 80
const taskMarks = { pending: '·', in_progress: '…', complete: '✓', error: '✗' }

const renderText = ({ type, text }: Text, style: Style): string =>
  type === 'mrkdwn' ? renderMrkdwn(text, style) : withEmoji(withoutControls(text))

/** Two columns as in Slack; one below the other where a terminal is too narrow. */
const renderFields = (cells: readonly string[]): string => {
  const pairs = Array.from({ length: Math.ceil(cells.length / 2) }, (_, row) =>
    cells.slice(row * 2, row * 2 + 2).map((cell) => cell.split('\n')),
  )
  const widest = (column: number): number => Math.max(0, ...pairs.flatMap((pair) => pair[column] ?? []).map(visibleWidth))
  const left = widest(0)
  if (left + 3 + widest(1) > width) return cells.join('\n')
  return pairs
    .flatMap(([first = [], second = []]) =>
      Array.from({ length: Math.max(first.length, second.length) }, (_, line) => {
        const cell = first[line] ?? ''
        return `${cell}${' '.repeat(left - visibleWidth(cell) + 3)}${second[line] ?? ''}`.trimEnd()
      }),
    )
    .join('\n')
}

const renderBlock = (block: Block, style: Style): string => {
  switch (block.type) {
    case 'header':
      return style.bold(style.underline(renderText(block.text, style)))
    case 'section': {
      const text = block.text === undefined ? [] : [renderText(block.text, style)]
      const fields = block.fields === undefined ? [] : [renderFields(block.fields.map((field) => renderText(field, style)))]
      return [...text, ...fields].join('\n')
    }
    case 'context':
      return style.dim(
        block.elements
          .map((element) => (element.type === 'image' ? `[${withoutControls(element.alt_text)}]` : renderText(element, style)))
          .join('  '),
      )
    case 'divider':
      return style.dim('─'.repeat(width))
    case 'plan':
      return [
        style.bold(withoutControls(block.title)),
        ...block.tasks.map((task) => `${taskMarks[task.status]} ${withoutControls(task.title)}`),
      ].join('\n')
    case 'image':
      return `[${withoutControls(block.alt_text)}]`
  }
}

const renderAny = (value: unknown, style: Style): string => {
  const block = Block.safeParse(value)
  if (block.success) return renderBlock(block.data, style)
  return `[${withoutControls(AnyBlock.safeParse(value).data?.type ?? 'not a block')}]`
}

/** @param payload what was posted to the webhook; with blocks, Slack shows `text` in notifications only */
export const renderMessage = (payload: unknown, { colour = false }: { readonly colour?: boolean } = {}): string => {
  const style = createStyle(colour)
  const message = Message.safeParse(payload)
  if (!message.success) return withoutControls(typeof payload === 'string' ? payload : JSON.stringify(payload ?? null))
  const { text, blocks } = message.data
  return blocks.length === 0 ? renderMrkdwn(text, style) : blocks.map((block) => renderAny(block, style)).join('\n')
}
