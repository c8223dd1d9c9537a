// What arrives in the queue: SQS's envelope, and in its bodies S3's own notifications, or S3's events by way of EventBridge.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html

import * as z from 'zod'

/** The part of an SQS batch that counts. */
export const Batch = z.object({ Records: z.array(z.object({ messageId: z.string().min(1), body: z.string() })) })
export type Batch = z.infer<typeof Batch>

/** What S3 sends to a queue when a notification is set up. */
export const TestEvent = z.object({ Service: z.literal('Amazon S3'), Event: z.literal('s3:TestEvent') })

export const Notification = z.object({ Records: z.array(z.unknown()) })

/** A record of any service; those of S3 are read further. */
export const AnyRecord = z.object({ eventSource: z.string(), eventVersion: z.string().regex(/^\d+\.\d+/) })

export const S3Record = z.object({
  eventName: z.string(),
  eventTime: z.iso.datetime({ offset: true }),
  s3: z.object({
    bucket: z.object({ name: z.string() }),
    /** The key is form-urlencoded. Not every kind of event has a sequencer. */
    object: z.object({ key: z.string().min(1), sequencer: z.string().default('') }),
  }),
})

/** Any event of EventBridge; those of S3 are read further. */
export const AnyBusEvent = z.object({ source: z.string(), 'detail-type': z.string(), detail: z.unknown() })

/** Here the key is as it is in the bucket. */
export const S3BusEvent = z.object({
  time: z.iso.datetime({ offset: true }),
  detail: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({ key: z.string().min(1), sequencer: z.string().default('') }),
  }),
})

/** What a topic puts around a message. https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
export const SnsEnvelope = z.object({
  Type: z.enum(['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']),
  TopicArn: z.string(),
  Message: z.string(),
})

/** A data event of a trail, as a rule of EventBridge gets it. The key is as it is in the bucket; an error says that nothing was done. */
export const S3Call = z.object({
  detail: z.object({
    eventName: z.string(),
    eventTime: z.iso.datetime({ offset: true }),
    errorCode: z.string().optional(),
    requestParameters: z.object({ bucketName: z.string().optional(), key: z.string().min(1).optional() }).nullish(),
  }),
})

/** SQS deletes every message of the batch that is not named here. */
export interface BatchResponse {
  readonly batchItemFailures: { readonly itemIdentifier: string }[]
}
