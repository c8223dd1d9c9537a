// Pages as AWS cuts them: an opaque token that is good for the same list only.

import { AwsError } from './protocol.ts'

interface Page<T> {
  readonly items: readonly T[]
  /** Absent on the last page. */
  readonly nextToken: string | undefined
}

/** @param invalid the service's name for a token that it did not give out */
export const page = <T>(
  items: readonly T[],
  size: number,
  token: string | undefined,
  invalid: 'InvalidNextToken' | 'InvalidToken',
): Page<T> => {
  const text = token === undefined ? 'from:0' : Buffer.from(token, 'base64url').toString('utf8')
  const from = Number(/^from:(\d+)$/.exec(text)?.[1] ?? NaN)
  if (Number.isNaN(from)) throw new AwsError(invalid, `Invalid token: ${String(token)}`)
  const end = from + size
  return { items: items.slice(from, end), nextToken: end < items.length ? Buffer.from(`from:${end}`).toString('base64url') : undefined }
}
