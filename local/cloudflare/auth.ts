// Who asks: an API token limited to one zone, or the account's global key with its e-mail address.

import type { IncomingHttpHeaders } from 'node:http'
import type { HttpReply } from '../server/http.ts'
import type { Plan } from './limits.ts'
import { gatewayRefusal, refusal } from './replies.ts'

export interface Zone {
  readonly zoneId: string
  readonly plan: Plan
  readonly token?: string
  readonly globalKey?: { readonly key: string; readonly email: string }
}

/** How a request tried to identify itself. The record keeps this instead of the secret. */
export type AuthKind = 'token' | 'global-key' | 'none'

export const authKind = (headers: IncomingHttpHeaders): AuthKind => {
  if (headers.authorization !== undefined) return 'token'
  return headers['x-auth-key'] !== undefined && headers['x-auth-email'] !== undefined ? 'global-key' : 'none'
}

const authenticationError = { code: 10000, message: 'Authentication error' }

/** A credential that opens another zone but not this one is known, yet not allowed here: 403 instead of 401. */
const zoneFor = (zoneId: string, known: readonly Zone[]): Zone | HttpReply =>
  known.find((zone) => zone.zoneId === zoneId) ?? gatewayRefusal(known.length === 0 ? 401 : 403, authenticationError)

/** @returns the zone that the credentials open, or the answer to somebody they do not open it for */
export const authenticate = (headers: IncomingHttpHeaders, zoneId: string, zones: readonly Zone[]): Zone | HttpReply => {
  switch (authKind(headers)) {
    case 'none':
      return gatewayRefusal(400, { code: 9106, message: 'Missing X-Auth-Key, X-Auth-Email or Authorization headers' })
    case 'token': {
      const token = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1]
      if (token === undefined) {
        const chain = [{ code: 6111, message: 'Invalid format for Authorization header' }]
        return refusal(400, { code: 6003, message: 'Invalid request headers', error_chain: chain })
      }
      return zoneFor(
        zoneId,
        zones.filter((zone) => zone.token === token),
      )
    }
    case 'global-key': {
      const owned = zones.filter(
        ({ globalKey }) => globalKey?.key === headers['x-auth-key'] && globalKey?.email === headers['x-auth-email'],
      )
      if (owned.length === 0) return refusal(403, { code: 9103, message: 'Unknown X-Auth-Key or X-Auth-Email' })
      return zoneFor(zoneId, owned)
    }
  }
}
