// Where a batch changes more under one path than the config allows for, the whole path goes in one piece.

import type { BucketSource } from '../../config/bucket.ts'
import { browserPath, type File } from './urls.ts'

/** One thing to purge, and the message that asked for it. */
export interface Wanted {
  readonly file: File
  readonly messageId: string
}

export interface WantedPrefix {
  /** Host and path, as Cloudflare takes it: no scheme. */
  readonly prefix: string
  /** How many URLs it stands for. */
  readonly insteadOf: number
  readonly messageIds: readonly string[]
}

export interface Grouped {
  readonly files: readonly Wanted[]
  readonly prefixes: readonly WantedPrefix[]
}

const withoutScheme = (file: File): string => (typeof file === 'string' ? file : file.url).replace(/^https?:\/\//, '')

export const byPrefix = (all: readonly Wanted[], { hosts, prefixPurges }: BucketSource): Grouped => {
  let files = all
  const prefixes: WantedPrefix[] = []
  for (const { prefix: path, moreThan } of prefixPurges) {
    for (const host of hosts) {
      const prefix = `${host}${browserPath(path)}`
      const under = files.filter(({ file }) => withoutScheme(file).startsWith(prefix))
      if (under.length <= moreThan) continue
      files = files.filter(({ file }) => !withoutScheme(file).startsWith(prefix))
      prefixes.push({ prefix, insteadOf: under.length, messageIds: [...new Set(under.map(({ messageId }) => messageId))] })
    }
  }
  return { files, prefixes }
}
