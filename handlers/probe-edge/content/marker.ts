// The query string that makes a request one that no cache can have answered before, and how it is taken out of what came back.

const name = 'purgeflow'

/** @param marker letters and digits that nobody has used */
export const withMarker = (url: string, marker: string): string => `${url}${url.includes('?') ? '&' : '?'}${name}=${marker}`

/**
 * A page may repeat its own address: in its canonical link, in a form, encoded in a share button. And Cloudflare writes e-mail
 * addresses and its challenge anew into each answer.
 */
export const removeMarker = (page: string): string =>
  page
    .replaceAll('\0', '?')
    .replace(/\?purgeflow=[0-9A-Za-z]+(&amp;|&#0?38;|&)/g, '?')
    .replace(/(\?|&amp;|&#0?38;|&|\\u0026|%3F|%26)purgeflow(=|%3D)[0-9A-Za-z]+/g, '')
    .replace(/data-cfemail="[0-9a-f]*"/g, '')
    .replace(/\/cdn-cgi\/l\/email-protection#[0-9a-f]*/g, '')
