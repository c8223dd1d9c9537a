// `npm run local`: keeps the whole system running on this machine until Ctrl-C, and says where everything is.

import { once } from 'node:events'
import { ConfigError } from '../../config/config-error.ts'
import { defaultPort } from '../system/defaults.ts'
import { readArguments } from '../../scripts/read-arguments.ts'
import { tellProgress } from './progress.ts'
import { renderMessage } from '../slack/render.ts'
import { startSystem, type System } from '../system/system.ts'

const usage = `npm run local -- [--port N] [--config FILE] [--json]
  --port N       the Slack endpoint's port, default ${defaultPort}; AWS, Cloudflare and Slack get the next three; 0 picks free ones
  --config FILE  another config than config/targets.ts (.ts or .json)
  --json         print one line of JSON when ready, and nothing else on standard output (npm itself prints two lines there,
                 unless it is told not to: npm run --silent local -- --json)`

const addresses = ({ slackUrl, signingSecret, aws, cloudflare, slack, instancesDir, bucketDirs, machines, config }: System) => {
  const [first] = config.targets
  return {
    slackUrl,
    awsUrl: aws.url,
    stateMachineArn: machines.get(first?.region ?? '')?.arn,
    stateMachineArns: Object.fromEntries([...machines].map(([region, { arn }]) => [region, arn])),
    signingSecret,
    channelId: first?.allow.channelIds[0],
    slackMessagesUrl: slack.messagesUrl,
    slackFaultUrl: slack.faultUrl,
    cloudflareRequestsUrl: cloudflare.requestsUrl,
    cloudflareFaultUrl: cloudflare.faultUrl,
    instancesDir,
    bucketDir: [...bucketDirs.values()][0],
    bucketDirs: Object.fromEntries(bucketDirs),
  }
}

const describe = (system: System): string => {
  const {
    slackUrl,
    awsUrl,
    stateMachineArn,
    slackMessagesUrl,
    slackFaultUrl,
    cloudflareRequestsUrl,
    cloudflareFaultUrl,
    instancesDir,
    bucketDir,
  } = addresses(system)
  const port = new URL(slackUrl).port
  const target = system.config.targets[0]
  return `purgeflow runs on this machine. Ctrl-C ends it.

  Slack endpoint         ${slackUrl}
  AWS                    ${awsUrl}
  messages in Slack      ${slackMessagesUrl}
  Cloudflare's requests  ${cloudflareRequestsUrl}
  inject a fault         POST {"mode": "fail", "status": 503} to ${slackFaultUrl}
                         or ${cloudflareFaultUrl}
  the instances' files   ${instancesDir}${
    bucketDir === undefined
      ? ''
      : `
  the bucket's objects   ${bucketDir}  (drop, overwrite, delete files there)`
  }

From another terminal:

  npm run slash -- ${target?.id ?? 'help'}${port === String(defaultPort) ? '' : ` --port ${port}`}

  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=${target?.region ?? ''} AWS_ENDPOINT_URL=${awsUrl}
  aws stepfunctions start-execution --state-machine-arn ${stateMachineArn ?? ''} --input '{"target": "${target?.id ?? ''}"}'
  CLOUDFLARE_API_URL=${system.cloudflare.apiUrl} PROBE_EDGE_URL=${system.cloudflare.edgeUrl} npm run doctor -- --url ${slackUrl}
`
}

/** Follows every execution of every region, as it starts. */
const follow = (system: System): NodeJS.Timeout => {
  const seen = new Set<string>()
  let messages = 0
  return setInterval(() => {
    for (const { executions } of system.machines.values()) {
      for (const execution of executions.filter(({ arn }) => !seen.has(arn))) {
        seen.add(execution.arn)
        console.log(`\n${execution.name}  ${execution.input}`)
        void tellProgress(execution, (line) => {
          console.log(line)
        })
      }
    }
    for (const { payload, accepted, error } of system.slack.messages().slice(messages)) {
      messages += 1
      console.log(
        accepted
          ? `\n${renderMessage(payload, { colour: process.stdout.isTTY })}\n`
          : `\nSlack did not take a message: ${error ?? 'no answer'}\n`,
      )
    }
  }, 50)
}

/** npm that is killed takes nothing along: whoever it started (by exec, so without a shell between) gets another parent. Never without npm. */
const endOfNpm = (): Promise<void> =>
  new Promise((resolve) => {
    if (process.env['npm_lifecycle_event'] === undefined) return
    const npm = process.ppid
    setInterval(() => {
      if (process.ppid !== npm) resolve()
    }, 200).unref()
  })

const { values } = readArguments(
  {
    options: {
      port: { type: 'string' },
      config: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  },
  usage,
)
const port = Number(values.port ?? defaultPort)

if (values.help || !Number.isInteger(port) || port < 0 || port > 65_532) {
  console.error(usage)
  process.exitCode = values.help ? 0 : 2
} else {
  try {
    const system = await startSystem({
      port,
      ...(values.config === undefined ? {} : { configFile: values.config }),
      log: (line) => {
        console.error(line)
      },
    })
    const stop = Promise.race([...['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal)), endOfNpm()])
    console.log(values.json ? JSON.stringify(addresses(system)) : describe(system))
    const following = values.json ? undefined : follow(system)
    await stop
    clearInterval(following)
    await system.close()
    if (!values.json) console.log('purgeflow has stopped.')
  } catch (error) {
    const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    if (inUse) console.error(`A port from ${port} to ${port + 3} is taken: stop what listens there, or use --port 0.`)
    else console.error(error instanceof ConfigError ? error.message : error)
    process.exitCode = 1
  }
}
