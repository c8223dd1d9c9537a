// Cuts what is to be purged into pieces that an execution can carry.

import type { Grouped, Wanted } from './prefixes.ts'
import type { File } from './urls.ts'

export interface Chunk {
  readonly urls: readonly File[]
  readonly prefixes: readonly { readonly prefix: string; readonly insteadOf: number }[]
  readonly messageIds: readonly string[]
}

/**
 * Step Functions takes 262,144 bytes as input, and as much as the data of each state. The data holds the URLs twice, as they were asked
 * for and as they are planned in requests, and a little more: one that is purged on its own moves from the plan into the account of what
 * was accepted.
 */
const maxDataBytes = 240_000

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value)) + 1
/** Of a request, without its URLs. */
const requestBytes = bytesOf({ files: [] })

/**
 * As few as can be, each but the last with full requests only, so that cutting costs no request. Every prefix goes with the first.
 * @param batchSize URLs in one request
 */
export const chunks = ({ files, prefixes }: Grouped, batchSize: number): Chunk[] => {
  const pieces: Wanted[][] = []
  const dataBytes = ({ file }: Wanted): number => 2 * bytesOf(file) + Math.ceil(requestBytes / batchSize)
  let piece: Wanted[] = []
  let bytes = 2 * bytesOf(prefixes)
  for (const wanted of files) {
    const more = dataBytes(wanted)
    if (bytes + more > maxDataBytes) {
      const left = piece.splice(piece.length - (piece.length % batchSize))
      // A batch that is larger than what an execution carries cannot stay in one piece.
      const [full, rest] = piece.length === 0 ? [left, piece] : [piece, left]
      if (full.length > 0 || pieces.length === 0) pieces.push(full)
      piece = [...rest]
      bytes = piece.reduce((sum, left) => sum + dataBytes(left), 0)
    }
    piece.push(wanted)
    bytes += more
  }
  if (piece.length > 0 || (pieces.length === 0 && prefixes.length > 0)) pieces.push(piece)
  return pieces.map((piece, index) => {
    const own = index === 0 ? prefixes : []
    return {
      urls: piece.map(({ file }) => file),
      prefixes: own.map(({ prefix, insteadOf }) => ({ prefix, insteadOf })),
      messageIds: [...new Set([...piece.map(({ messageId }) => messageId), ...own.flatMap(({ messageIds }) => messageIds)])],
    }
  })
}
