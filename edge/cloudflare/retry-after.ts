// How long Cloudflare asks us to wait, in either of the headers that say so. No clock.

/** Of `"default";r=0;t=30`: the seconds until the limit is new. https://developers.cloudflare.com/fundamentals/api/reference/limits/ */
const resetOf = (header: string): number | undefined => {
  const seconds = [...header.matchAll(/;\s*t=(\d{1,9})(?=\s*(?:[;,]|$))/g)].map(([, digits]) => Number(digits))
  return seconds.length === 0 ? undefined : Math.max(...seconds)
}

/**
 * @param now epoch milliseconds
 * @returns seconds; undefined where no header says so in a form that can be read
 */
export const secondsToWait = (headers: Pick<Headers, 'get'>, now: number): number | undefined => {
  const retryAfter = headers.get('retry-after')?.trim() ?? ''
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter)
  const at = /^[A-Z][a-z]{2}/.test(retryAfter) ? Date.parse(retryAfter) : NaN
  if (!Number.isNaN(at)) return Math.max(0, Math.ceil((at - now) / 1000))
  return resetOf(headers.get('ratelimit') ?? '')
}
