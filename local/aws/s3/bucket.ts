// A folder emulates a bucket: what changes in it becomes the event that S3 would send. The folder is read again and again, and compared with
// what it was, because a watcher of the operating system may miss a file in a new folder; the last write of a file is never missed.

import { readdir, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface BucketOptions {
  readonly name: string
  readonly region: string
  /** The folder, which exists. */
  readonly directory: string
  /** Gets the body of each message. */
  readonly notify: (body: string) => void
  readonly everyMs?: number
}

export interface Bucket {
  /** Compares once more. */
  poll(): Promise<void>
  stop(): Promise<void>
}

/** As S3 writes a key in a notification. */
export const encodeKey = (key: string): string =>
  key
    .split('/')
    .map((part) => encodeURIComponent(part).replace(/[!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`))
    .join('/')
    .replaceAll('%20', '+')

export interface S3Event {
  readonly bucket: string
  readonly region: string
  readonly key: string
  readonly eventName: 'ObjectCreated:Put' | 'ObjectRemoved:Delete'
  readonly size?: number
  readonly sequence: number
  /** Epoch milliseconds. */
  readonly at: number
}

/** The notification that S3 sends: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
export const notificationOf = ({ bucket, region, key, eventName, size, sequence, at }: S3Event): string =>
  JSON.stringify({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: region,
        eventTime: new Date(at).toISOString(),
        eventName,
        userIdentity: { principalId: 'AWS:AIDALOCAL' },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: { 'x-amz-request-id': 'LOCAL', 'x-amz-id-2': 'LOCAL' },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'local',
          bucket: { name: bucket, ownerIdentity: { principalId: 'LOCAL' }, arn: `arn:aws:s3:::${bucket}` },
          object: {
            key: encodeKey(key),
            ...(size === undefined ? {} : { size, eTag: 'd41d8cd98f00b204e9800998ecf8427e' }),
            sequencer: sequence.toString(16).toUpperCase().padStart(18, '0'),
          },
        },
      },
    ],
  })

interface Seen {
  readonly mark: string
  readonly size: number
}

const contentOf = async (directory: string): Promise<Map<string, Seen>> => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const found = new Map<string, Seen>()
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name)
    // It may be gone by now: then it is missing, which is right.
    const stats = await stat(path, { bigint: true }).catch(() => undefined)
    if (stats)
      found.set(
        path
          .slice(directory.length + 1)
          .split(sep)
          .join('/'),
        { mark: `${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`, size: Number(stats.size) },
      )
  }
  return found
}

export const startBucket = ({ name, region, directory, notify, everyMs = 200 }: BucketOptions): Bucket => {
  let before = new Map<string, Seen>()
  let sequence = Date.now()
  const stopping = new AbortController()
  let polling: Promise<void> = Promise.resolve()

  const compare = async (): Promise<void> => {
    const now = await contentOf(directory)
    const tell = (key: string, eventName: S3Event['eventName'], size?: number): void => {
      sequence += 1
      notify(notificationOf({ bucket: name, region, key, eventName, sequence, at: Date.now(), ...(size === undefined ? {} : { size }) }))
    }
    for (const [key, { mark, size }] of now) if (before.get(key)?.mark !== mark) tell(key, 'ObjectCreated:Put', size)
    for (const key of before.keys()) if (!now.has(key)) tell(key, 'ObjectRemoved:Delete')
    before = now
  }
  const poll = (): Promise<void> => {
    polling = polling.then(compare).catch(() => undefined)
    return polling
  }
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      await poll()
      await sleep(everyMs)
    }
  })()
  return {
    poll,
    stop: async () => {
      stopping.abort()
      await watching
    },
  }
}
