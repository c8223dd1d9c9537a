// The engine of the local run: aws-local-stepfunctions behind the local AWS.

import { startAws } from '../../local/aws/start-aws.ts'
import { createCell } from '../../local/system/cell.ts'
import { documents } from '../../ssm/documents.ts'
import { renderDocument } from '../../ssm/render.ts'
import { region, type Engine } from './engine.ts'
import { given, surroundings } from './surroundings.ts'

export const startLocalEngine = async (bundleDir: string): Promise<Engine> => {
  const around = await surroundings()
  const { executionTimeoutSeconds, documentPrefix } = given.commands
  const aws = await startAws({
    parameters: { [region]: around.parameters },
    documents: {
      [region]: Object.fromEntries(
        documents.map(({ id, name }) => [`${documentPrefix}${name}`, renderDocument(id, { executionTimeoutSeconds })]),
      ),
    },
    instances: around.instances,
  })
  const cell = createCell({
    aws,
    config: given,
    region,
    bundleDir,
    cloudflareApiUrl: around.cloudflare.apiUrl,
    edgeUrl: around.cloudflare.edgeUrl,
    waitScale: 0.1,
    log: () => undefined,
  })
  return {
    ...around,
    awsUrl: aws.url,
    stateMachineArn: cell.machine.arn,
    faults: aws.faults,
    close: async () => {
      await cell.settled()
      cell.close()
      await aws.close()
      await around.close()
    },
  }
}
