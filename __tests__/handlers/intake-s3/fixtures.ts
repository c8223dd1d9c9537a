// Messages as S3, EventBridge and SQS make them, and the samples of AWS's documentation.

import type { BucketSource } from '../../../config/bucket.ts'
import type { Config } from '../../../config/schema.ts'
import { aConfig, anEdge, aTarget, type TargetInput } from '../../config/a-config.ts'

type BucketInput = NonNullable<TargetInput['bucket']>

export const anAssetTarget = (bucket: Partial<BucketInput> = {}, changes: Partial<TargetInput> = {}): TargetInput => {
  const { instances: _instances, layers: _layers, ...rest } = aTarget()
  return {
    ...rest,
    id: 'assets',
    label: 'Assets',
    edge: anEdge(),
    bucket: { name: 'acme-assets', attach: 'notification', hosts: ['assets.example.com'], ...bucket },
    ...changes,
  }
}

export const anAssetConfig = (bucket: Partial<BucketInput> = {}, changes: Partial<TargetInput> = {}): Config =>
  aConfig({ targets: [anAssetTarget(bucket, changes)] })

export const aSource = (bucket: Partial<BucketInput> = {}): BucketSource => anAssetConfig(bucket).targets[0]!.bucket!

/** @param key as S3 encodes it */
export const aRecord = (key: string, changes: Record<string, unknown> = {}, sequencer?: string) => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  awsRegion: 'us-east-1',
  eventTime: '2026-11-21T12:00:00.000Z',
  eventName: 'ObjectCreated:Put',
  s3: {
    s3SchemaVersion: '1.0',
    bucket: { name: 'acme-assets', arn: 'arn:aws:s3:::acme-assets' },
    object: { key, size: 1, ...(sequencer === undefined ? {} : { sequencer }) },
  },
  ...changes,
})

export const aBody = (...records: unknown[]): string => JSON.stringify({ Records: records })

/** A batch; its messages are called m0, m1, … */
export const aBatch = (...bodies: string[]) => ({
  Records: bodies.map((body, index) => ({ messageId: `m${index}`, body, eventSource: 'aws:sqs' })),
})

/** From "Event message structure" in the S3 user guide: a put, and a restore with its own data. */
export const documentedPut = {
  Records: [
    {
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: 'us-west-2',
      eventTime: '1970-01-01T00:00:00.000Z',
      eventName: 'ObjectCreated:Put',
      userIdentity: { principalId: 'AIDAJDPLRKLG7UEXAMPLE' },
      requestParameters: { sourceIPAddress: '127.0.0.1' },
      responseElements: {
        'x-amz-request-id': 'C3D13FE58DE4C810',
        'x-amz-id-2': 'FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD',
      },
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: 'testConfigRule',
        bucket: { name: 'acme-assets', ownerIdentity: { principalId: 'A3NL1KOZZKExample' }, arn: 'arn:aws:s3:::acme-assets' },
        object: {
          key: 'HappyFace.jpg',
          size: 1024,
          eTag: 'd41d8cd98f00b204e9800998ecf8427e',
          versionId: '096fKKXTRTtl3on89fVO.nfljtsv6qko',
          sequencer: '0055AED6DCD90281E5',
        },
      },
    },
  ],
}

export const documentedTestEvent = {
  Service: 'Amazon S3',
  Event: 's3:TestEvent',
  Time: '2014-10-13T15:57:02.089Z',
  Bucket: 'acme-assets',
  RequestId: '5582815E1AEA5ADF',
  HostId: '8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE',
}

/** From "Amazon S3 EventBridge event message examples". */
export const documentedBusEvent = {
  version: '0',
  id: '17793124-05d4-b198-2fde-7ededc63b103',
  'detail-type': 'Object Created',
  source: 'aws.s3',
  account: '111122223333',
  time: '2021-11-12T00:00:00Z',
  region: 'ca-central-1',
  resources: ['arn:aws:s3:::acme-assets'],
  detail: {
    version: '0',
    bucket: { name: 'acme-assets' },
    object: {
      key: 'example-key',
      size: 5,
      etag: 'b1946ac92492d2347c6235b4d2611184',
      'version-id': 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e',
      sequencer: '617f08299329d189',
    },
    'request-id': 'N4N7GDK58NMKJ12R',
    requester: '123456789012',
    'source-ip-address': '1.2.3.4',
    reason: 'PutObject',
  },
}
