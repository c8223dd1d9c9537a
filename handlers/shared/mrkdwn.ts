// Text that goes to Slack: escaped, so that nobody's words become a mention, and cut to Slack's limits.

export const escapeMrkdwn = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** A mention where it is a Slack user id, otherwise the words themselves. */
export const mention = (requester: string): string => (/^[UW][A-Z0-9]{5,20}$/.test(requester) ? `<@${requester}>` : escapeMrkdwn(requester))

/** Whatever it holds, it stays on its line, and reads from left to right: nobody's text makes up a line of a message. */
export const oneLine = (text: string): string =>
  text
    .replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
    .trim()

/** Replaces every secret by a word, whoever quoted it. @param secrets empty ones are ignored */
export const redact = (text: string, secrets: readonly string[]): string =>
  secrets.filter((secret) => secret !== '').reduce((redacted, secret) => redacted.replaceAll(secret, '[secret]'), text)

/** Cuts at the end, with an ellipsis; an escape that the cut would tear apart goes whole. */
export const clip = (text: string, length: number): string =>
  text.length <= length
    ? text
    : `${text
        .slice(0, length - 1)
        .replace(/&[a-z]{0,4}$/, '')
        .replace(/[\uD800-\uDBFF]$/, '')}…`
