// The whole way of a deployment, with the real terraform and the real provider: made, used, updated, moved, destroyed.
// AWS is moto behind a proxy; what runs there is what was deployed. Each step goes on where the one before it ended.

import { rm } from 'node:fs/promises'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { notificationOf } from '../../local/aws/s3/bucket.ts'
import { signedSlashCommand, slashCommandForm } from '../../local/slack/client.ts'
import { startSlackEndpoint } from '../../local/aws/api-gateway/slack-endpoint.ts'
import { taggedInstanceId } from '../../local/instance/instances.ts'
import { documents } from '../../ssm/documents.ts'
import { documentJson } from '../../ssm/render.ts'
import { deployedNames, documentContent } from './ask-aws.ts'
import { onTestsFinished } from './closing.ts'
import { assets, config, configInput, main, provenPortal, shop } from './config.ts'
import { executionsAt, type Executions } from './executions.ts'
import { policiesIn } from './permissions.ts'
import { createWorkspace, type Workspace } from './terraform.ts'
import { run, runWell } from './tools.ts'
import { invokeFunction } from './uploaded-functions.ts'
import { secrets, startWorld, type World } from './world.ts'

const regions = ['us-east-1', 'eu-west-1'] as const
const prefixes = ['trial', 'Trial']
const portalInstance = 'i-0a1b2c3d4e5f60718'
const movedCache = '/var/cache/nginx/main-v2'
const updated = () => {
  const [rocket] = main().layers ?? []
  return configInput({
    targets: [provenPortal(), main({ layers: [rocket!, { kind: 'nginx-fastcgi', cachePath: movedCache }] }), assets(), shop()],
    state: { bucket: 'trial-terraform-state', region: 'us-east-1' },
  })
}

let world: World
let workspace: Workspace
let executions: Executions
let stateMachineArns: Readonly<Record<string, string>>
/** The names and the ids by which AWS knows what was deployed. */
let identities: Readonly<Record<string, unknown>>
let resourcesCreated = 0

const say = (line: string): void => {
  console.log(`deploy: ${line}`)
}

/** A test that says how long it took. */
const step = (name: string, perform: () => Promise<void>): void => {
  it(name, async () => {
    const started = Date.now()
    await perform().finally(() => {
      say(`${((Date.now() - started) / 1000).toFixed(0).padStart(3)} s  ${name}`)
    })
  })
}

/** As docs/deploy.md says. Not as an argument: version 1 of the command line would fetch a URL that it is given. */
const putSecret = (name: string, value: string): Promise<string> =>
  runWell(
    'bash',
    ['-c', 'printf %s "$SECRET" | aws ssm put-parameter --region us-east-1 --type SecureString --name "$NAME" --value file:///dev/stdin'],
    {
      env: { ...workspace.env, NAME: name, SECRET: value },
    },
  )

const root = (instanceId: string): string => world.instances.find((instance) => instance.instanceId === instanceId)!.root
const filesIn = (instanceId: string, directory: string): number => {
  const folder = join(root(instanceId), directory)
  return existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length : 0
}
/** The path of each page in an nginx cache, each once. */
const cachedPages = (instanceId: string, directory: string): string[] => {
  const folder = join(root(instanceId), directory)
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const keys = files.map(({ parentPath, name }) => /^KEY: (.*)$/m.exec(readFileSync(join(parentPath, name), 'latin1'))?.[1])
  return [...new Set(keys.map((key) => new URL(`http://${key?.replace(/^https?[A-Z]+/, '')}`).pathname))]
}
const createBucket = (name: string): Promise<string> =>
  runWell('aws', ['s3api', 'create-bucket', '--bucket', name, '--region', 'us-east-1'], { env: workspace.env })
const notificationsOfBucket = async (): Promise<string> =>
  runWell('aws', ['s3api', 'get-bucket-notification-configuration', '--bucket', 'somebodys-assets', '--region', 'us-east-1'], {
    env: workspace.env,
  })
const identitiesNow = async (types: readonly string[]): Promise<Record<string, unknown>> =>
  Object.fromEntries(
    (await workspace.resources())
      .filter(({ type }) => types.includes(type))
      .map(({ address, values }) => [address, [values['name'] ?? values['function_name'], values['arn']]]),
  )
const keptNames = [
  'aws_sfn_state_machine',
  'aws_ssm_document',
  'aws_lambda_function',
  'aws_iam_role',
  'aws_sqs_queue',
  'aws_apigatewayv2_api',
]

beforeAll(async () => {
  // The instances that there will ever be; which of them are reached is up to what is deployed.
  const everything = config({
    ...updated(),
    targets: [
      provenPortal(),
      main({ layers: [...(main().layers ?? []), { kind: 'nginx-fastcgi', id: 'moved', cachePath: movedCache }] }),
      assets(),
      shop(),
    ],
  })
  world = await startWorld(everything)
  onTestsFinished(() => world.close())
  workspace = createWorkspace(world.awsUrl, 'trial')
  onTestsFinished(() => {
    workspace.close()
  })
  executions = executionsAt(world.awsUrl, workspace.env)
  await createBucket('somebodys-assets')
})

step('synthesizes, initializes and validates', async () => {
  await workspace.synth(configInput())
  await workspace.init()
  expect(await workspace.validate()).toContain('The configuration is valid')
})

step('creates everything with one apply', async () => {
  expect((await workspace.plan()).code).toBe(2)
  expect((await workspace.planned()).every(({ actions }) => actions.join() === 'create')).toBe(true)
  await workspace.apply()
  const resources = await workspace.resources()
  resourcesCreated = resources.length
  say(`resources created: ${resourcesCreated}`)
  expect(resourcesCreated).toBeGreaterThan(60)
  world.policies = policiesIn(resources)
  identities = await identitiesNow(keptNames)
})

step('plans no changes when asked again', async () => {
  const { code, stdout } = await workspace.plan()
  say(`second plan: ${/No changes\.[^\n]*/.exec(stdout)?.[0] ?? stdout}`)
  expect(code).toBe(0)
})

step('refuses, while planning, a definition with a state that does not exist', async () => {
  const file = join(workspace.folder, 'cdktf.out/stacks/trial/cdk.tf.json')
  const sound = readFileSync(file, 'utf8')
  expect(sound).toContain('\\"Next\\": \\"Run Commands\\"')
  writeFileSync(file, sound.replaceAll('\\"Next\\": \\"Run Commands\\"', '\\"Next\\": \\"Run Comands\\"'))
  const { code, stderr } = await workspace.terraform('plan', '-no-color')
  writeFileSync(file, sound)
  expect(code).toBe(1)
  expect(stderr).toContain('Run Comands')
})

step('tags everything that can be tagged with the deployment and the tags of the config', async () => {
  const untagged = (await workspace.resources()).filter(({ values }) => {
    const tags = values['tags_all'] as Record<string, string> | null | undefined
    return 'tags_all' in values && !(tags?.['Application'] === 'trial' && tags['ManagedBy'] === 'cdktf' && tags['CostCentre'] === '4711')
  })
  expect(untagged.map(({ address }) => address)).toEqual([])
})

step('says what an operator needs: addresses, links, and the parameters to fill in', async () => {
  const output = await workspace.output()
  expect(output).toMatchObject({
    slack_request_url: expect.stringMatching(/^https:\/\/[a-z0-9]+\.execute-api\.us-east-1\.amazonaws\.com\/slack\/commands$/) as unknown,
    parameters_to_fill_in: { region: 'us-east-1', duringRotation: ['/trial/slack/previous-signing-secret'] },
  })
  stateMachineArns = output['state_machine_arns'] as Record<string, string>
  for (const region of regions) {
    expect(stateMachineArns[region]).toBe(`arn:aws:states:${region}:123456789012:stateMachine:trial-purge`)
    expect((output['console_links'] as Record<string, string>)[region]).toContain(stateMachineArns[region])
  }
  const values: Readonly<Record<string, string>> = {
    '/trial/slack/signing-secret': secrets.signing,
    '/trial/slack/previous-signing-secret': secrets.previousSigning,
    '/trial/slack/webhook-url': world.slack.webhookUrl,
    '/trial/cloudflare/portal': secrets.cloudflare('portal'),
    '/trial/cloudflare/main': secrets.cloudflare('main'),
    '/trial/cloudflare/assets': secrets.cloudflare('assets'),
  }
  const { required, duringRotation } = output['parameters_to_fill_in'] as { required: string[]; duringRotation: string[] }
  expect([...required, ...duringRotation].sort()).toEqual(Object.keys(values).sort())
  for (const name of [...required, ...duringRotation]) await putSecret(name, values[name]!)
})

step('holds the documents byte for byte as the local run executes them', async () => {
  for (const region of regions) {
    for (const { id, name } of documents) {
      expect(await documentContent(world.awsUrl, region, `Trial-${name}`)).toBe(documentJson(id, { executionTimeoutSeconds: 120 }))
    }
  }
})

step('purges a target with what was deployed, from start-execution to the message in Slack', async () => {
  expect(filesIn(portalInstance, '/var/www/portal/wp-content/cache')).toBeGreaterThan(0)
  const { status, output, history } = await executions.ended(await executions.start(stateMachineArns['us-east-1']!, { target: 'portal' }))
  say(
    `execution of {"target":"portal"}: ${status}, ${history.filter(({ type }) => type?.endsWith('StateEntered')).length} state transitions`,
  )
  expect({ status, output }).toMatchObject({
    status: 'SUCCEEDED',
    output: {
      verdict: 'verified',
      target: { id: 'portal' },
      layers: [
        { id: 'w3-total-cache', outcome: 'purged' },
        { id: 'nginx-fastcgi', outcome: 'purged' },
      ],
      edge: { outcome: 'accepted', accepted: ['host portal.example.com'] },
      failure: null,
    },
  })
  expect(filesIn(portalInstance, '/var/www/portal/wp-content/cache')).toBe(0)
  // Cached again is only the page that the probe asked for, also under the queries of its references.
  expect(cachedPages(portalInstance, '/var/cache/nginx/portal')).toEqual(['/'])
  expect(world.cloudflare.requests()).toMatchObject([{ accepted: true, auth: 'token', body: { hosts: ['portal.example.com'] } }])
  expect(world.slack.messages()).toMatchObject([
    { accepted: true, payload: { text: expect.stringContaining('Portal: caches cleared and verified') as unknown } },
  ])
})

step('ran the uploaded code in the deployed environment', async () => {
  const deployed = (await workspace.resources()).filter(({ type }) => type === 'aws_lambda_function')
  const ran = world.functions.ran()
  expect(ran.map(({ name }) => name).sort()).toEqual([
    'trial-confirm-command',
    'trial-notify-slack',
    'trial-plan-purge',
    'trial-probe-edge',
    'trial-purge-cloudflare',
  ])
  for (const { name, region, codeSha256, environment } of ran) {
    const own = deployed.find(({ values }) => values['function_name'] === name && String(values['arn']).includes(region))
    expect(own?.values['code_sha256']).toBe(codeSha256)
    expect((own?.values['environment'] as { variables: unknown }[])[0]?.variables ?? {}).toEqual(environment)
  }
})

step('starts the purge of a target in its own region when Slack posts a signed command', async () => {
  const endpoint = await startSlackEndpoint({
    port: 0,
    invoke: (event) => invokeFunction(world.awsUrl, 'us-east-1', 'trial-slack-command', event),
  })
  onTestsFinished(() => endpoint.close())
  const command = (signingSecret: string, text = 'main') =>
    signedSlashCommand({ url: endpoint.slackUrl, signingSecret, form: slashCommandForm({ text }) })
  expect((await command('not the secret')).status).toBe(401)
  const { status, body } = await command(secrets.signing)
  expect({ status, body }).toMatchObject({ status: 200, body: expect.stringContaining('is clearing the caches of *Main Site*') as unknown })
  const { status: ending, output } = await executions.ended(await executions.startedBy(stateMachineArns['eu-west-1']!, 'slack-main-'))
  expect({ ending, output }).toMatchObject({
    ending: 'SUCCEEDED',
    output: { source: 'slack', requester: 'U0123456789', layers: [{ id: 'wp-rocket', outcome: 'purged' }, { outcome: 'purged' }] },
  })
  const instanceId = taggedInstanceId('eu-west-1', { Site: 'main' })
  expect(filesIn(instanceId, '/var/cache/nginx/main')).toBe(0)
  expect(filesIn(instanceId, '/var/www/main/wp-content/cache/wp-rocket')).toBe(0)
  expect(world.slack.messages().at(-1)).toMatchObject({
    accepted: true,
    payload: { text: expect.stringContaining('Main Site: caches cleared') as unknown },
  })
  // During a rotation the previous secret is as good.
  expect(await command(secrets.previousSigning, 'help')).toMatchObject({ status: 200, body: expect.stringContaining('Usage') as unknown })
})

step('attaches the bucket to its queue, and the queue to a function that says which messages failed', async () => {
  const { QueueConfigurations } = JSON.parse(await notificationsOfBucket()) as { QueueConfigurations: unknown }
  const queueArn = 'arn:aws:sqs:us-east-1:123456789012:trial-bucket-events'
  expect(QueueConfigurations).toMatchObject([
    {
      QueueArn: queueArn,
      Events: expect.arrayContaining(['s3:ObjectCreated:*', 's3:ObjectRemoved:*']) as unknown,
      Filter: { Key: { FilterRules: [{ Value: 'img/' }] } },
    },
  ])
  const resources = await workspace.resources()
  const made = (type: string) => resources.filter((resource) => resource.type === type).map(({ values }) => values)
  expect(made('aws_lambda_event_source_mapping')).toMatchObject([
    { event_source_arn: queueArn, function_response_types: ['ReportBatchItemFailures'], scaling_config: [{ maximum_concurrency: 2 }] },
  ])
  expect(made('aws_sqs_queue').map(({ name }) => name)).toContain('trial-bucket-events-dead')
  expect(made('aws_cloudwatch_metric_alarm').map(({ alarm_name }) => alarm_name)).toContain('trial-bucket-events-dead')
})

step("purges an object's URL when its event arrives, and says nothing in Slack", async () => {
  const messagesBefore = world.slack.messages().length
  const record = (messageId: string, body: string) => ({ messageId, body, eventSource: 'aws:sqs' })
  const body = notificationOf({
    bucket: 'somebodys-assets',
    region: 'us-east-1',
    key: 'img/red flower.jpg',
    eventName: 'ObjectCreated:Put',
    size: 1,
    sequence: 1,
    at: Date.now(),
  })
  expect(
    await invokeFunction(world.awsUrl, 'us-east-1', 'trial-intake-s3', { Records: [record('one', body), record('two', 'not JSON')] }),
  ).toEqual({ batchItemFailures: [{ itemIdentifier: 'two' }] })
  const { status, output } = await executions.ended(await executions.startedBy(stateMachineArns['us-east-1']!, 's3-assets-'))
  const url = 'https://assets.example.com/img/red%20flower.jpg'
  expect({ status, output }).toEqual({ status: 'SUCCEEDED', output: { target: 'assets', accepted: [`URL ${url}`], notes: [] } })
  expect(world.cloudflare.requests().at(-1)).toMatchObject({ accepted: true, auth: 'token', body: { files: [url] } })
  expect(world.slack.messages()).toHaveLength(messagesBefore)
})

step('stops at a layer that fails, and the message says what was not touched', async () => {
  await rm(join(root(portalInstance), '/var/www/portal/wp-config.php'))
  const edgeBefore = world.cloudflare.requests().filter(({ zoneId }) => zoneId.startsWith('0123')).length
  const { status, error, cause, history } = await executions.ended(
    await executions.start(stateMachineArns['us-east-1']!, { target: 'portal' }),
  )
  expect({ status, error }).toEqual({ status: 'FAILED', error: 'PurgeFailed' })
  const message = world.slack.messages().at(-1)
  const { text } = message?.payload as { text: string }
  for (const said of [text, cause]) {
    expect(said).toContain('Portal: purge failed')
    expect(said).toContain('W3 Total Cache: failed')
    expect(said).toContain('FastCGI: not touched')
    expect(said).toContain('Cloudflare: not touched')
    expect(said).toContain(portalInstance)
    expect(said).toContain('This does not seem to be a WordPress installation')
  }
  expect(history.filter(({ type }) => type === 'TaskSucceeded').length).toBeGreaterThanOrEqual(2)
  expect(world.cloudflare.requests().filter(({ zoneId }) => zoneId.startsWith('0123'))).toHaveLength(edgeBefore)
})

step('wrote no secret into the state, the plan, the configuration, an execution or a log', async () => {
  const markers = [
    secrets.signing,
    secrets.previousSigning,
    secrets.cloudflare('portal'),
    secrets.cloudflare('main'),
    secrets.cloudflare('assets'),
    new URL(world.slack.webhookUrl).pathname,
  ]
  const histories = await Promise.all(
    (await Promise.all(regions.map((region) => executions.all(stateMachineArns[region]!)))).flat().map((arn) => executions.ended(arn)),
  )
  const places: Readonly<Record<string, string>> = {
    'the state': readFileSync(workspace.stateFile, 'utf8'),
    'the plan': (await workspace.terraform('show', '-json', 'plan.bin')).stdout,
    'the configuration': readFileSync(join(workspace.folder, 'cdktf.out/stacks/trial/cdk.tf.json'), 'utf8'),
    'the executions': JSON.stringify(histories),
    'the logs': world.printed.join('\n'),
  }
  // Each of these was asked for by a deployed role, and allowed by nothing but its deployed policy.
  for (const needed of [
    'trial-purge-us-east-1: ssm:SendCommand',
    'trial-purge-eu-west-1: lambda:InvokeFunction',
    'trial-notify-slack-us-east-1: states:GetExecutionHistory',
    'trial-slack-command-us-east-1: states:StartExecution',
    'trial-intake-s3-us-east-1: states:StartExecution',
  ]) {
    expect(world.permissions.used()).toContain(needed)
  }
  // The search itself works: names are there, values are not.
  expect(places['the state']).toContain('/trial/slack/webhook-url')
  expect(histories).toHaveLength(4)
  const found = Object.entries(places).flatMap(([place, text]) =>
    markers.filter((marker) => text.includes(marker)).map((marker) => `${marker} in ${place}`),
  )
  expect(found).toEqual([])
})

step('updates in place, with the state moved into a bucket, while a purge is running', async () => {
  await createBucket('trial-terraform-state')
  world.commands.held = true
  const running = await executions.start(stateMachineArns['eu-west-1']!, { target: 'main' })
  await workspace.synth(updated())
  // The path style is for loopback addresses alone.
  await workspace.init('-migrate-state', '-force-copy', '-backend-config=use_path_style=true')
  expect((await workspace.plan()).code).toBe(2)
  const planned = await workspace.planned()
  expect(planned.filter(({ actions }) => actions.join() !== 'update')).toEqual([])
  // What reads the config gets it anew, and the state machine may command one more instance. Nothing else moves.
  expect(planned.map(({ type, after }) => `${type} ${String(after?.['function_name'] ?? after?.['name'])}`).sort()).toEqual(
    [
      'aws_iam_role_policy trial-purge',
      'aws_lambda_function trial-intake-s3',
      'aws_lambda_function trial-slack-command',
      ...regions.flatMap(() => ['aws_lambda_function trial-notify-slack', 'aws_lambda_function trial-plan-purge']),
    ].sort(),
  )
  await workspace.apply()
  expect((await workspace.plan()).code).toBe(0)
  say(`update: ${planned.length} resources changed in place, none replaced`)
  expect(await identitiesNow(keptNames)).toEqual(identities)
  world.policies = policiesIn(await workspace.resources())
  world.commands.held = false
  expect((await executions.ended(running)).status).toBe('SUCCEEDED')
})

step('keeps the state encrypted in the bucket, and locks it with a file beside it', async () => {
  expect(world.writtenToS3).toContain('PUT /trial-terraform-state/trial/terraform.tfstate')
  expect(world.writtenToS3).toContain('PUT /trial-terraform-state/trial/terraform.tfstate.tflock')
  expect(world.writtenToS3.at(-1)).toBe('DELETE /trial-terraform-state/trial/terraform.tfstate.tflock')
  const { stdout } = await run('aws', ['s3', 'cp', 's3://trial-terraform-state/trial/terraform.tfstate', '-'], { env: workspace.env })
  expect(stdout).toContain('trial-purge')
  expect(stdout).not.toMatch(/MARKER/)
})

step('purges the added target, and the changed layer at its new place', async () => {
  const instanceId = taggedInstanceId('eu-west-1', { Site: 'main' })
  expect(filesIn(instanceId, movedCache)).toBeGreaterThan(0)
  const started = await Promise.all([
    executions.start(stateMachineArns['us-east-1']!, { target: 'shop' }),
    executions.start(stateMachineArns['eu-west-1']!, { target: 'main' }),
  ])
  const [shopEnd, mainEnd] = await Promise.all(started.map((arn) => executions.ended(arn)))
  expect(shopEnd).toMatchObject({ status: 'SUCCEEDED', output: { target: { id: 'shop' }, edge: null } })
  expect(mainEnd).toMatchObject({ status: 'SUCCEEDED' })
  expect(filesIn('i-0b1b2c3d4e5f60718', '/var/cache/nginx/shop')).toBe(0)
  expect(filesIn(instanceId, movedCache)).toBe(0)
})

step('destroys everything and leaves nothing behind', async () => {
  for (const region of regions) expect((await deployedNames(world.awsUrl, region, prefixes)).length).toBeGreaterThan(10)
  await workspace.destroy()
  const left = [
    ...(await workspace.resources()).map(({ address }) => address),
    ...(await Promise.all(regions.map((region) => deployedNames(world.awsUrl, region, prefixes)))).flat(),
  ]
  say(`resources left: ${left.length} (of ${resourcesCreated})`)
  expect(left).toEqual([])
  // The bucket was there before, and is there after, without a notification.
  expect(await notificationsOfBucket()).not.toContain('trial-')
})
