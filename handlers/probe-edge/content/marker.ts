// The query string that makes a request one that no cache can have answered before, and how it is taken out of what came back.

const name = 'purgeflow'

/** @param marker letters and digits that nobody has used */
export const withMarker = (url: string, marker: string): string => `${url}${url.includes('?') ? '&' : '?'}${name}=${marker}`

/** A page may repeat its own address: in its canonical link, in a form, encoded in a share button. */
export const removeMarker = (page: string): string =>
  page
    .replace(new RegExp(`\\?${name}=[0-9A-Za-z]+(&amp;|&#0?38;|&)`, 'g'), '?')
    .replace(new RegExp(`(\\?|&amp;|&#0?38;|&|\\\\u0026|%3F|%26)${name}(=|%3D)[0-9A-Za-z]+`, 'g'), '')
