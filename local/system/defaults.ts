// What `npm run local` and `npm run slash` agree on without talking to each other.

/** The Slack endpoint listens here; AWS, Cloudflare and Slack on the next three. */
export const defaultPort = 8780

/** Nothing outside this machine can reach the local endpoint, so its secret need not be one; it has the shape of Slack's. */
export const localSigningSecret = '10ca110ca110ca110ca110ca110ca110'
