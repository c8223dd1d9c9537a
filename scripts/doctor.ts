// `npm run doctor`: checks a deployment from end to end, changes nothing, and says what to do.

import { paginateListStateMachines, SFNClient } from '@aws-sdk/client-sfn'
import { SSMClient } from '@aws-sdk/client-ssm'
import { ConfigError } from '../config/config-error.ts'
import { readConfig } from '../config/read.ts'
import type { Config, Target } from '../config/schema.ts'
import { planPurge } from '../handlers/plan-purge/core.ts'
import { createRequestPage } from '../handlers/probe-edge/request-page.ts'
import { createHandler } from '../handlers/purge-cloudflare/handler.ts'
import { createSecretReader } from '../handlers/shared/secrets.ts'
import { deployedUrl } from './deployed-url.ts'
import { type CheckResult, ok, problem, reasonOf, warning } from './doctor/finding.ts'
import { checkInstances, findInstances } from './doctor/instances.ts'
import { checkParameters, neededSecrets, readParameters } from './doctor/parameters.ts'
import { checkAlarms, checkCacheRule, checkEndpoint, checkWebhook } from './doctor/services.ts'
import { readArguments } from './read-arguments.ts'

const usage = `npm run doctor -- [--url URL] [--config FILE]
  --url URL      the slash command's request URL; left out: what Terraform's state of this checkout says
  --config FILE  another config than config/targets.ts
AWS credentials come from the environment, as for every AWS tool. For the local run, export what \`npm run local\` prints.`

const cloudflareUrl = process.env['CLOUDFLARE_API_URL'] ?? 'https://api.cloudflare.com/client/v4'

const checkMachine = async ({ name }: Config, region: string): Promise<CheckResult> => {
  const machine = `${name}-purge`
  for await (const { stateMachines = [] } of paginateListStateMachines({ client: new SFNClient({ region }) }, {})) {
    if (stateMachines.some((found) => found.name === machine)) return ok(`State machine in ${region}`, machine)
  }
  return problem(`State machine in ${region}`, `there is no ${machine}: deploy (docs/deploy.md)`)
}

const checkCredentials = async (config: Config, { id, edge }: Target, home: SSMClient): Promise<CheckResult[]> => {
  if (edge === undefined) return []
  const readSecrets = createSecretReader(home, Date.now)
  const { edge: asked } = planPurge({ target: id, dryRun: true }, config)
  const { check } = await createHandler({ readSecrets, fetch, apiUrl: cloudflareUrl, now: Date.now })(asked)
  const subject = `Cloudflare of ${id}`
  if (check?.outcome === 'allowed') return [ok(subject, `the credentials may purge the zone ${edge.zoneId}`)]
  return [check?.outcome === 'refused' ? problem(subject, check.said) : warning(subject, check?.said ?? 'Cloudflare was not asked')]
}

const checkTarget = async (config: Config, target: Target, home: SSMClient): Promise<CheckResult[]> => {
  const { instances, region, probes } = target
  const found = instances && (await findInstances(new SSMClient({ region }), instances))
  const [page] = probes?.urls ?? []
  const answer = page === undefined ? undefined : await createRequestPage(process.env['PROBE_EDGE_URL'])(page)
  return [
    ...(found ? checkInstances(target, found) : []),
    ...(await checkCredentials(config, target, home)),
    ...checkCacheRule(target, answer?.headers['cf-cache-status'] ?? null),
  ]
}

/** A check that breaks is a problem of its own, and hides no other. */
const guarded = async (subject: string, check: () => Promise<readonly CheckResult[]>): Promise<readonly CheckResult[]> => {
  try {
    return await check()
  } catch (error) {
    return [problem(subject, `could not be checked: ${reasonOf(error)}`)]
  }
}

const examine = async (config: Config, url: () => string): Promise<readonly CheckResult[]> => {
  const home = new SSMClient({ region: config.homeRegion })
  const secrets = neededSecrets(config)
  // Everything else needs the credentials too, so without them there is one problem and not twenty.
  const parameters = await readParameters(
    home,
    secrets.map(({ name }) => name),
  ).catch((error: unknown) => {
    throw new ConfigError(`AWS does not answer with these credentials (${reasonOf(error)}): set AWS_PROFILE, or run aws configure sso`)
  })
  const valueOf = (name: string): string | undefined => parameters.get(name)?.Value
  const regions = [...new Set(config.targets.map(({ region }) => region))]
  const asked = await Promise.all([
    ...regions.map((region) => guarded(`State machine in ${region}`, async () => [await checkMachine(config, region)])),
    guarded('Slash command', async () => {
      const secret = valueOf(config.slack.signingSecretParameter)
      return secret === undefined ? [] : [await checkEndpoint(fetch, url(), secret, config, Date.now())]
    }),
    guarded('Slack webhook', async () => {
      const webhook = valueOf(config.slack.webhookParameter)
      return webhook === undefined ? [] : [await checkWebhook(fetch, webhook.trim())]
    }),
    ...config.targets.map((target) => guarded(`Target ${target.id}`, () => checkTarget(config, target, home))),
  ])
  return [...checkParameters(secrets, parameters, config.homeRegion), ...asked.flat(), ...checkAlarms(config)]
}

const signs = { ok: '✅', warning: '⚠️ ', problem: '❌' }

const { values } = readArguments(
  { options: { url: { type: 'string' }, config: { type: 'string' }, help: { type: 'boolean', default: false } } },
  usage,
)

const run = async (): Promise<void> => {
  const { config } = await readConfig(values.config)
  const results = await examine(config, () => values.url ?? deployedUrl(config.name))
  for (const { level, subject, said } of results) console.log(`${signs[level]} ${subject}: ${said}`)
  const problems = results.filter(({ level }) => level === 'problem').length
  const warnings = results.filter(({ level }) => level === 'warning').length
  console.log(
    `\n${problems} problem${problems === 1 ? '' : 's'}, ${warnings} warning${warnings === 1 ? '' : 's'}. A dry run goes further: /clear-cache <target> --dry-run`,
  )
  if (problems > 0) process.exitCode = 1
}

if (values.help) console.log(usage)
else {
  try {
    await run()
  } catch (error) {
    console.error(error instanceof ConfigError ? error.message : error)
    process.exitCode = 1
  }
}
