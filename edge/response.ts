// What an HTTP answer says of itself, whoever made it.

/** Age and its like: seconds without a sign or a fraction. */
export const wholeSeconds = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined

/** @param status 0 stands for no answer */
export const responseProblem = (status: number): string | undefined => {
  if (status === 0) return 'there was no answer'
  return status >= 400 ? `the answer was HTTP ${status}` : undefined
}

/** What an origin that refuses a request from its own instance mostly does it for. */
export const likelyRefusal = (status: number): string => {
  switch (status) {
    case 0:
      return 'Does the site listen there (probes.origin: host, port, tls), and does it want proxy_protocol (proxyProtocol)?'
    case 400:
      return 'Does the origin want a client certificate (probes.origin: clientCertificate), or TLS (tls)?'
    case 401:
      return 'The origin wants a password: let it answer 127.0.0.1 without one (satisfy any)'
    case 403:
      return "Does an allow-list, of the CDN's addresses, refuse 127.0.0.1?"
    default:
      return 'Correct probes.urls, or see probes.origin'
  }
}
