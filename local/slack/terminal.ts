// Text styles of a terminal, and how wide a styled text appears.

import { styleText } from 'node:util'

export interface Style {
  bold(text: string): string
  italic(text: string): string
  underline(text: string): string
  strike(text: string): string
  dim(text: string): string
  code(text: string): string
}

/** An inner style may end with the code that ends this one too (bold and dim share theirs): begin again after it. */
const styled = (format: Parameters<typeof styleText>[0]): ((text: string) => string) => {
  const [on = '', off = ''] = styleText(format, '|', { validateStream: false }).split('|')
  return (text) => `${on}${text.replaceAll(off, off + on)}${off}`
}

const coloured: Style = {
  bold: styled('bold'),
  italic: styled('italic'),
  underline: styled('underline'),
  strike: styled('strikethrough'),
  dim: styled('dim'),
  code: styled('cyan'),
}

const same = (text: string): string => text
/** Without styles, code keeps its backticks: what is literal must stay recognisable. */
const plain: Style = { bold: same, italic: same, underline: same, strike: same, dim: same, code: (text) => `\`${text}\`` }

export const createStyle = (colour: boolean): Style => (colour ? coloured : plain)

// eslint-disable-next-line no-control-regex -- control characters are what these two are about
const escapes = /\u001b\[\d+m/g
// eslint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

/** A message must not be able to steer the reader's terminal. */
export const withoutControls = (text: string): string => text.replaceAll(controls, '')

const segmenter = new Intl.Segmenter()

/** In columns: what is an emoji by default takes two. */
export const visibleWidth = (text: string): number =>
  Array.from(segmenter.segment(text.replaceAll(escapes, '')), ({ segment }) =>
    /\p{Emoji_Presentation}|\ufe0f/u.test(segment) ? 2 : 1,
  ).reduce((sum, columns) => sum + columns, 0)
