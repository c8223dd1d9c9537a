// The local counterpart of stacks/constructs/cell.ts: the worker functions and the state machine of one region.

import { watchSeconds } from '../../config/polling.ts'
import type { Config } from '../../config/schema.ts'
import { renderPurge } from '../../statemachines/purge.ts'
import type { Aws } from '../aws/start-aws.ts'
import type { StateMachine } from '../aws/step-functions/state-machine.ts'
import { createDeployedFunction } from '../aws/lambda/deployed-function.ts'
import type { Lambda } from '../aws/lambda/lambda.ts'

export interface CellOptions {
  readonly aws: Aws
  readonly config: Config
  readonly region: string
  /** Holds <function>/index.mjs, as scripts/bundle.ts writes them. */
  readonly bundleDir: string
  readonly cloudflareApiUrl: string
  /** Where visitors reach the edge, whatever the name in a URL. */
  readonly edgeUrl: string
  readonly waitScale: number
  readonly log: (line: string) => void
}

export interface Cell {
  readonly machine: StateMachine
  /** Resolves when everything that was to be told after an ending has been told. */
  settled(): Promise<void>
  close(): void
}

const workers = ['plan-purge', 'confirm-command', 'purge-cloudflare', 'probe-edge', 'notify-slack', 'purge-group'] as const

const functionArn = (region: string, name: string): string => `arn:aws:lambda:${region}:000000000000:function:${name}`

export const createCell = ({ aws, config, region, bundleDir, cloudflareApiUrl, edgeUrl, waitScale, log }: CellOptions): Cell => {
  const machines = config.targets.map((target) => [
    target.region,
    `arn:aws:states:${target.region}:000000000000:stateMachine:${config.name}-purge`,
  ])
  const environment = {
    SECRETS_REGION: config.homeRegion,
    CLOUDFLARE_API_URL: cloudflareApiUrl,
    PROBE_EDGE_URL: edgeUrl,
    // As the Waits are.
    WATCH_SECONDS: String(watchSeconds * waitScale),
    STATE_MACHINE_ARNS: JSON.stringify(Object.fromEntries(machines)),
  }
  const arnOf = (worker: (typeof workers)[number]): string => functionArn(region, `${config.name}-${worker}`)
  const functions = new Map<string, Lambda>(
    workers.map((worker) => [
      arnOf(worker),
      createDeployedFunction({
        prefix: config.name,
        folder: worker,
        bundleDir,
        region,
        awsUrl: aws.url,
        environment,
        timeoutSeconds: 60,
        log,
      }),
    ]),
  )
  const invoke = async (arn: string, input: unknown) => {
    const lambda = functions.get(arn)
    if (!lambda) throw new Error(`there is no function ${arn}`)
    return lambda.invoke(input)
  }
  const telling = new Set<Promise<unknown>>()
  const machine = aws.createStateMachine({
    name: `${config.name}-purge`,
    region,
    definition: renderPurge({
      PlanPurgeArn: arnOf('plan-purge'),
      ConfirmCommandArn: arnOf('confirm-command'),
      PurgeCloudflareArn: arnOf('purge-cloudflare'),
      ProbeEdgeArn: arnOf('probe-edge'),
      NotifySlackArn: arnOf('notify-slack'),
      PurgeGroupArn: arnOf('purge-group'),
    }),
    waitScale,
    invoke,
    // The EventBridge rule of the stack, without its retries.
    onEnded: (event) => {
      const told = invoke(arnOf('notify-slack'), event)
        .then((result) => {
          if (result.kind !== 'success') log(`the ending of ${event.detail.executionArn} could not be reported: ${JSON.stringify(result)}`)
        })
        .finally(() => telling.delete(told))
      telling.add(told)
    },
  })
  return {
    machine,
    settled: async () => {
      await Promise.all(telling)
    },
    close: () => {
      for (const lambda of functions.values()) lambda.close()
    },
  }
}
