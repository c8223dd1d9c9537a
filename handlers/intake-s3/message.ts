// Reads one message of the queue: the changes in it, and what is wrong with the rest of it.

import { AnyBusEvent, AnyRecord, Notification, S3BusEvent, S3Call, S3Record, SnsEnvelope, TestEvent } from './schema.ts'

/** One object that is no longer what it was. */
export interface Change {
  readonly bucket: string
  readonly key: string
  /** Orders the changes of one key: see `isNewer`. Empty where the event has none. */
  readonly sequencer: string
  /** Epoch milliseconds. */
  readonly at: number
}

export interface Contents {
  readonly changes: readonly Change[]
  /** No events of ours, in words: they are logged and gone. */
  readonly dropped: readonly string[]
  /** What cannot be read, in words: the message goes to the dead-letter queue, for an event may be in it. */
  readonly problems: readonly string[]
}

const nothing: Contents = { changes: [], dropped: [], problems: [] }
const problem = (words: string): Contents => ({ ...nothing, problems: [words] })
const dropped = (words: string): Contents => ({ ...nothing, dropped: [words] })

/** The structure that we know. A newer minor version only adds to it. */
const majorVersion = '2'

/** What an event must be called to mean that visitors may see something old. An object that has expired is gone as well. */
const changesContent = /^(s3:)?(ObjectCreated:|ObjectRemoved:|ObjectRestore:(Completed|Delete)$|LifecycleExpiration:)/
const busChanges = new Set(['Object Created', 'Object Deleted', 'Object Restore Completed', 'Object Restore Expired'])

/** Calls of S3's API, as CloudTrail records them, after which an object is another or gone. */
const changingCalls = new Set(['PutObject', 'PostObject', 'CopyObject', 'CompleteMultipartUpload', 'DeleteObject', 'RestoreObject'])

/** Text of a broken encoding: no URL leads there, and nothing that handles text takes it. */
const isBroken = (key: string): boolean => /\p{Surrogate}/u.test(key)

const changed = (change: Change): Contents =>
  isBroken(change.key) ? problem('a key that is not Unicode') : { ...nothing, changes: [change] }

/** @throws URIError when it is not UTF-8 */
export const decodeKey = (key: string): string => decodeURIComponent(key.replaceAll('+', ' '))

const readRecord = (record: unknown): Contents => {
  const known = AnyRecord.safeParse(record)
  if (!known.success) return problem('a record without source and version')
  const { eventSource, eventVersion } = known.data
  if (eventSource !== 'aws:s3') return dropped(`a record of ${eventSource.slice(0, 60)}`)
  if (eventVersion.split('.')[0] !== majorVersion)
    return problem(`a record in version ${eventVersion.slice(0, 20)}: this function knows ${majorVersion}.x`)
  const { success, data } = S3Record.safeParse(record)
  if (!success) return problem('a record that is not as S3 documents it')
  const { eventName, eventTime, s3 } = data
  if (!changesContent.test(eventName)) return dropped(`the event ${eventName.slice(0, 60)}, which changes no content`)
  try {
    return changed({ bucket: s3.bucket.name, key: decodeKey(s3.object.key), sequencer: s3.object.sequencer, at: Date.parse(eventTime) })
  } catch {
    return problem('a key that is not UTF-8')
  }
}

const readCall = (event: unknown): Contents => {
  const { success, data } = S3Call.safeParse(event)
  if (!success) return problem('a call that is not as CloudTrail documents it')
  const { eventName, eventTime, errorCode, requestParameters } = data.detail
  const name = eventName.slice(0, 60)
  if (errorCode !== undefined) return dropped(`the call ${name}, which failed`)
  // Its objects are in the request's body, which CloudTrail does not keep.
  if (eventName === 'DeleteObjects') return problem('the call DeleteObjects, which does not say what it deleted')
  if (!changingCalls.has(eventName)) return dropped(`the call ${name}, which changes no content`)
  const { bucketName, key } = requestParameters ?? {}
  if (bucketName === undefined || key === undefined) return problem(`the call ${name} without bucket and key`)
  return changed({ bucket: bucketName, key, sequencer: '', at: Date.parse(eventTime) })
}

const readBusEvent = (
  { source, 'detail-type': type }: { readonly source: string; readonly 'detail-type': string },
  event: unknown,
): Contents => {
  if (source !== 'aws.s3') return dropped(`an event of ${source.slice(0, 60)}`)
  if (type === 'AWS API Call via CloudTrail') return readCall(event)
  if (!busChanges.has(type)) return dropped(`the event ${type.slice(0, 60)}, which changes no content`)
  const { success, data } = S3BusEvent.safeParse(event)
  if (!success) return problem('an event that is not as S3 documents it')
  const { key, sequencer } = data.detail.object
  return changed({ bucket: data.detail.bucket.name, key, sequencer, at: Date.parse(data.time) })
}

const join = (all: readonly Contents[]): Contents => ({
  changes: all.flatMap(({ changes }) => changes),
  dropped: all.flatMap((one) => one.dropped),
  problems: all.flatMap(({ problems }) => problems),
})

const readText = (body: string, isInEnvelope: boolean): Contents => {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    return problem('not JSON')
  }
  const envelope = isInEnvelope ? undefined : SnsEnvelope.safeParse(parsed).data
  if (envelope?.Type === 'Notification') return readText(envelope.Message, true)
  if (envelope !== undefined) return dropped(`a ${envelope.Type} of SNS`)
  if (TestEvent.safeParse(parsed).success) return dropped('the test event of a new notification')
  const notification = Notification.safeParse(parsed)
  if (notification.success) return join(notification.data.Records.map(readRecord))
  const event = AnyBusEvent.safeParse(parsed)
  if (event.success) return readBusEvent(event.data, parsed)
  return problem('neither a notification of S3 nor an event')
}

/** A topic may stand between the bucket, or the bus, and the queue; with raw delivery it leaves no trace. */
export const readMessage = (body: string): Contents => readText(body, false)

/** S3's own rule: the shorter sequencer is filled up with zeros on the right, then text order decides. Without one the time decides. */
export const isNewer = (one: Change, other: Change): boolean => {
  if (one.sequencer === '' || other.sequencer === '') return one.at >= other.at
  const length = Math.max(one.sequencer.length, other.sequencer.length)
  return one.sequencer.padEnd(length, '0') >= other.sequencer.padEnd(length, '0')
}
