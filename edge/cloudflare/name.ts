/** What a report calls the edge. */
export const edgeName = 'Cloudflare'
