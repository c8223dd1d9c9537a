// The second engine: moto's, which is LocalStack's. It calls the same bundles and the same Run Command, through the proxy.

import { join } from 'node:path'
import { CreateStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn'
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { createLambda, type Lambda } from '../../local/aws/lambda/lambda.ts'
import { documents } from '../../ssm/documents.ts'
import { documentJson } from '../../ssm/render.ts'
import { renderPurge } from '../../statemachines/purge.ts'
import { deployedCommands } from '../deploy/deployed-commands.ts'
import { startMoto } from '../deploy/moto.ts'
import { startProxy, type Intercept } from '../deploy/proxy.ts'
import { replyOf } from '../deploy/uploaded-functions.ts'
import { region, type Engine } from './engine.ts'
import { given, surroundings } from './surroundings.ts'

const arnOf = (name: string): string => `arn:aws:lambda:${region}:123456789012:function:${name}`

export const startMotoEngine = async (bundleDir: string): Promise<Engine> => {
  const around = await surroundings()
  const { executionTimeoutSeconds, documentPrefix } = given.commands
  const contents = new Map(documents.map(({ id, name }) => [`${documentPrefix}${name}`, documentJson(id, { executionTimeoutSeconds })]))
  const commands = deployedCommands(around.instances, (_, name) => Promise.resolve(contents.get(name)))

  const lambdas = new Map<string, Lambda>()
  const invokeBundle: Intercept = ({ request }) => {
    const invoked = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url.pathname)?.[1]
    const lambda = invoked === undefined ? undefined : lambdas.get(decodeURIComponent(invoked).split(':').at(-1) ?? '')
    return lambda?.invoke(JSON.parse(request.body.toString() || '{}')).then(replyOf)
  }
  let motoUrl = ''
  const proxy = await startProxy({ upstream: () => motoUrl, intercepts: [invokeBundle, commands.intercept] })
  const environment = {
    WATCH_SECONDS: '1',
    SECRETS_REGION: region,
    CLOUDFLARE_API_URL: around.cloudflare.apiUrl,
    PROBE_EDGE_URL: around.cloudflare.edgeUrl,
  }
  for (const name of ['plan-purge', 'confirm-command', 'purge-cloudflare', 'probe-edge', 'notify-slack', 'purge-group']) {
    lambdas.set(
      name,
      createLambda({
        name,
        file: join(bundleDir, name, 'index.mjs'),
        region,
        awsUrl: proxy.url,
        environment,
        timeoutSeconds: 60,
        log: () => undefined,
      }),
    )
  }
  const moto = await startMoto(new URL(proxy.url).port)
  motoUrl = moto.url

  const client = { region, endpoint: proxy.url, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }
  const ssm = new SSMClient(client)
  for (const [Name, Value] of Object.entries(around.parameters))
    await ssm.send(new PutParameterCommand({ Name, Value, Type: 'SecureString' }))
  const { stateMachineArn } = await new SFNClient(client).send(
    new CreateStateMachineCommand({
      name: `${given.name}-purge`,
      roleArn: 'arn:aws:iam::123456789012:role/engine',
      definition: renderPurge({
        PlanPurgeArn: arnOf('plan-purge'),
        ConfirmCommandArn: arnOf('confirm-command'),
        PurgeCloudflareArn: arnOf('purge-cloudflare'),
        ProbeEdgeArn: arnOf('probe-edge'),
        PurgeGroupArn: arnOf('purge-group'),
        NotifySlackArn: arnOf('notify-slack'),
      }),
    }),
  )
  return {
    ...around,
    awsUrl: proxy.url,
    stateMachineArn: stateMachineArn ?? '',
    faults: commands.faults,
    close: async () => {
      for (const lambda of lambdas.values()) lambda.close()
      await commands.close()
      await proxy.close()
      moto.close()
      await around.close()
    },
  }
}
