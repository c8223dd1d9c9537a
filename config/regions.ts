// Regions of the partition `aws`, as of 2026-11 (docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html).
// A newer one is named in the config's `newRegions`, so that a typo is an error and a new region needs no new release.

/** How a region of the partition `aws` is written; ARNs in the state machine's definition name that partition. */
export const regionPattern = /^(?!cn-|us-gov-|us-iso)[a-z]{2}(-[a-z]+)+-\d$/

export const regions: readonly string[] = [
  ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'ca-west-1', 'mx-central-1', 'sa-east-1'],
  ...['eu-central-1', 'eu-central-2', 'eu-north-1', 'eu-south-1', 'eu-south-2', 'eu-west-1', 'eu-west-2', 'eu-west-3'],
  ...['af-south-1', 'il-central-1', 'me-central-1', 'me-south-1'],
  ...['ap-east-1', 'ap-east-2', 'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1', 'ap-south-2'],
  ...['ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3', 'ap-southeast-4', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7'],
]
