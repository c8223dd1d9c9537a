// Slack's own markup, turned into what a reader sees.

import { withoutControls, type Style } from './terminal.ts'

const emoji = new Map(
  Object.entries({
    white_check_mark: '✅',
    heavy_check_mark: '✔️',
    x: '❌',
    warning: '⚠️',
    hourglass_flowing_sand: '⏳',
    black_square_button: '🔲',
    double_vertical_bar: '⏸️',
    no_entry: '⛔',
    broom: '🧹',
    rotating_light: '🚨',
    information_source: 'ℹ️',
  }),
)

export const withEmoji = (text: string): string => text.replaceAll(/:([a-z0-9_+-]+):/g, (whole, name: string) => emoji.get(name) ?? whole)

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>' }

/** In one pass, so that `&amp;lt;` stays the text `&lt;`. */
const unescape = (text: string): string => text.replaceAll(/&(amp|lt|gt);/g, (whole, name: string) => entities[name] ?? whole)

const reference = (inner: string, style: Style): string => {
  const bar = inner.indexOf('|')
  const target = unescape(bar < 0 ? inner : inner.slice(0, bar))
  const label = bar < 0 ? undefined : unescape(inner.slice(bar + 1))
  if (target.startsWith('@')) return style.bold(`@${(label ?? target).replace(/^@/, '')}`)
  if (target.startsWith('#')) return style.bold(`#${(label ?? target).replace(/^#/, '')}`)
  if (target.startsWith('!')) return style.bold(label ?? `@${target.slice(1)}`)
  return label === undefined ? style.underline(target) : `${style.underline(label)} (${target})`
}

const codeBlock = (code: string, style: Style): string =>
  `\n${unescape(code)
    .replace(/^\n|\n$/g, '')
    .split('\n')
    .map((line) => `    ${style.dim(line)}`)
    .join('\n')}\n`

/** ```blocks```, `code` and <references>: nothing inside them is markup. */
const literals = /\n?```([\s\S]+?)```\n?|`([^`\n]+)`|<([^<>\n]+)>/g

const emphasis = (mark: string): RegExp =>
  new RegExp(`(?<![\\w${mark}])\\${mark}(?=\\S)([^\\n${mark}]+?)(?<=\\S)\\${mark}(?![\\w${mark}])`, 'g')
const bold = emphasis('*')
const italic = emphasis('_')
const strike = emphasis('~')

export const renderMrkdwn = (source: string, style: Style): string => {
  // What is finished steps aside, behind characters of the private use area, so that no later rule looks into it.
  const finished: string[] = []
  const aside = (text: string): string => `\ue000${finished.push(text) - 1}\ue001`
  const back = (text: string): string =>
    text.includes('\ue000') ? back(text.replaceAll(/\ue000(\d+)\ue001/g, (_, index: string) => finished[Number(index)] ?? '')) : text

  const withEmphasis = (text: string): string => {
    const emphasised = text
      .replaceAll(bold, (_, inner: string) => aside(style.bold(withEmphasis(inner))))
      .replaceAll(italic, (_, inner: string) => aside(style.italic(withEmphasis(inner))))
      .replaceAll(strike, (_, inner: string) => aside(style.strike(withEmphasis(inner))))
    return unescape(withEmoji(emphasised))
  }

  const withoutLiterals = withoutControls(source)
    .replaceAll(/[\ue000\ue001]/g, '')
    .replaceAll(literals, (_, block: string | undefined, code: string | undefined, inner: string | undefined) => {
      if (block !== undefined) return aside(codeBlock(block, style))
      return aside(code === undefined ? reference(inner ?? '', style) : style.code(unescape(code)))
    })
    .replaceAll(/^(?:&gt;|>) ?/gm, '│ ')
  return back(withEmphasis(withoutLiterals)).replace(/^\n|\n$/g, '')
}
