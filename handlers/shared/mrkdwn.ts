// Text that goes to Slack: escaped, so that nobody's words become a mention, and cut to Slack's limits.

export const escapeMrkdwn = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** A mention where it is a Slack user id, otherwise the words themselves. */
export const mention = (requester: string): string => (/^[UW][A-Z0-9]{5,20}$/.test(requester) ? `<@${requester}>` : escapeMrkdwn(requester))

/** Cuts at the end, with an ellipsis; an escape that the cut would tear apart goes whole. */
export const clip = (text: string, length: number): string =>
  text.length <= length
    ? text
    : `${text
        .slice(0, length - 1)
        .replace(/&[a-z]{0,4}$/, '')
        .replace(/[\uD800-\uDBFF]$/, '')}…`
