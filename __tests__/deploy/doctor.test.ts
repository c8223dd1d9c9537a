// `npm run doctor` and `npm run secrets` against the local run, as processes of their own.

import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSystem, type System } from '../../local/system/system.ts'
import { repository } from './terraform.ts'

let system: System
beforeAll(async () => {
  system = await startSystem({ waitScale: 0.1 })
})
afterAll(() => system.close())

const token = '/purgeflow/cloudflare/portal-token'
const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  AWS_ENDPOINT_URL: system.aws.url,
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  CLOUDFLARE_API_URL: system.cloudflare.apiUrl,
  PROBE_EDGE_URL: system.cloudflare.edgeUrl,
})

const runScript = (script: string, args: readonly string[], input = '', env = environment()) =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = spawn(process.execPath, [join(repository, 'scripts', script), ...args], { env, timeout: 60_000 })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.on('close', (code) => {
      resolve({ code, stdout, stderr })
    })
    child.stdin.end(input)
  })
const doctor = () => runScript('doctor.ts', ['--url', system.slackUrl])

const put = (value: string) =>
  new SSMClient({ region: 'us-east-1', endpoint: system.aws.url, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }).send(
    new PutParameterCommand({ Name: token, Value: value, Type: 'SecureString', Overwrite: true }),
  )

describe('the doctor', () => {
  it('finds a sound deployment sound, and says what is only a pity', async () => {
    const { code, stdout, stderr } = await doctor()
    expect(stderr).toBe('')
    expect(stdout).not.toContain('❌')
    expect(stdout).toContain('✅ State machine in us-east-1: purgeflow-purge')
    expect(stdout).toContain('✅ Slack webhook: Slack knows it')
    expect(stdout).toMatch(/✅ Slash command: http\S+ answers a signed command/)
    expect(stdout).toContain('✅ Instances of portal: 1 online')
    expect(stdout).toContain('✅ Cloudflare of portal: the credentials may purge the zone 0123456789abcdef0123456789abcdef')
    expect(stdout).toContain("⚠️  Alarms in us-east-1: tell nobody: name an SNS topic in alarmTopicArns['us-east-1']")
    expect(code).toBe(0)
  })

  it('names each thing that is wrong, and what to do, all in one run', async () => {
    const [instance] = system.aws.instances
    instance!.state = 'offline'
    await put('a-wrong-token')
    system.slack.setFault({ mode: 'reject', status: 404, code: 'no_service' })
    const { code, stdout } = await doctor()
    system.slack.setFault({ mode: 'ok' })
    instance!.state = 'online'
    expect(stdout).toMatch(/❌ Instances of portal: i-\S+ cannot be reached: start the instance, or its agent/)
    expect(stdout).toMatch(/❌ Cloudflare of portal: .*Check that the credentials in \/purgeflow\/cloudflare\/portal-token may purge/)
    expect(stdout).toMatch(/❌ Slack webhook: Slack answers HTTP 404: no_service\. It was revoked or is incomplete/)
    expect(stdout).not.toContain('a-wrong-token')
    expect(code).toBe(1)
  })

  it('says so in one line where AWS does not answer', async () => {
    const { code, stdout, stderr } = await runScript('doctor.ts', ['--url', system.slackUrl], '', {
      ...environment(),
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_MAX_ATTEMPTS: '1',
    })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^AWS does not answer with these credentials \(.*\): set AWS_PROFILE, or run aws configure sso\n$/)
  })
})

describe('secrets', () => {
  it('asks for nothing where every parameter has a value', async () => {
    expect(await runScript('secrets.ts', [])).toMatchObject({ code: 0, stdout: 'All 4 parameters have a value in us-east-1.\n' })
  })

  it('replaces one, asks again for what cannot be right, and shows no value', async () => {
    const replaced = await runScript('secrets.ts', ['--replace', token], 'two words\na-new-token\n')
    expect(replaced).toMatchObject({ code: 0, stdout: `${token} is stored.\n` })
    expect(replaced.stderr).toContain('That does not look like one word without spaces.')
    expect(replaced.stdout + replaced.stderr).not.toMatch(/two words|a-new-token/)
  })

  it('leaves alone what got no answer, and says so', async () => {
    expect(await runScript('secrets.ts', ['--replace', token], '')).toMatchObject({ code: 1, stdout: `${token} was left as it is.\n` })
  })

  it('knows only the parameters of the config', async () => {
    const { code, stderr } = await runScript('secrets.ts', ['--replace', '/nobody/knows'])
    expect(code).toBe(1)
    expect(stderr).toContain('The config names no parameter /nobody/knows: it names /purgeflow/slack/signing-secret')
  })
})
