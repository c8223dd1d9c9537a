import { describe, expect, it } from 'vitest'
import { functionNames } from '../../scripts/bundle.ts'
import { assets, config, main, portal } from './config.ts'
import { all, json, named, synthesize, type Attributes } from './synthesized.ts'

const stack = synthesize(config({ targets: [portal(), main(), assets()] }))
const functions = all(stack, 'aws_lambda_function')
const environmentOf = (name: string): unknown =>
  (named(stack, 'aws_lambda_function', name)['environment'] as Attributes | undefined)?.['variables']

describe('the functions', () => {
  it('are the folders of handlers/, each under its own name', () => {
    expect(functions.map((attributes) => attributes['function_name']).sort()).toEqual(functionNames().map((name) => `acme-${name}`))
  })

  it.each([
    ['slack-command', 1024, 10],
    ['plan-purge', 256, 30],
    ['confirm-command', 256, 30],
    ['purge-cloudflare', 256, 60],
    ['probe-edge', 256, 60],
    ['purge-group', 256, 30],
    ['notify-slack', 256, 30],
    ['intake-s3', 512, 60],
  ])('%s has %i MB and %i s', (name, memory, timeout) => {
    expect(named(stack, 'aws_lambda_function', `acme-${name}`)).toMatchObject({ memory_size: memory, timeout })
  })

  it('run on Node 22 on arm64, traced', () => {
    for (const attributes of functions) {
      expect(attributes).toMatchObject({
        runtime: 'nodejs22.x',
        architectures: ['arm64'],
        handler: 'index.handler',
        tracing_config: { mode: 'Active' },
      })
      expect(attributes).not.toHaveProperty('reserved_concurrent_executions')
    }
  })

  it('run the bundle of their own name, uploaded again when its content changes', () => {
    for (const attributes of functions) {
      const [, folder] = String(attributes['function_name']).split(/acme-(.*)/)
      expect(attributes['filename']).toMatch(
        new RegExp(`^assets/[a-z0-9_-]+_${String(folder)}_code_[0-9A-F]{8}/[0-9A-F]{32}/archive\\.zip$`),
      )
      expect(attributes['filename']).toContain(`/${String(attributes['source_code_hash'])}/`)
    }
    expect(new Set(functions.map((attributes) => attributes['source_code_hash'])).size).toBe(functions.length)
  })

  it('log JSON to a group of their own that exists before them', () => {
    for (const attributes of functions) {
      const group = `/aws/lambda/${String(attributes['function_name'])}`
      expect(attributes['logging_config']).toEqual({ log_format: 'JSON', log_group: `<aws_cloudwatch_log_group ${group} name>` })
      expect(named(stack, 'aws_cloudwatch_log_group', group)).toBeDefined()
    }
  })

  it('get new code only after the permissions that it needs', () => {
    for (const attributes of functions) expect(attributes['depends_on']).toEqual([expect.stringMatching(/^aws_iam_role_policy\./)])
  })
})

describe('the environment', () => {
  it('tells slack-command where the secrets and the state machines are', () => {
    const variables = environmentOf('acme-slack-command') as Attributes
    expect(Object.keys(variables)).toEqual(['SECRETS_REGION', 'STATE_MACHINE_ARNS'])
    expect(variables['SECRETS_REGION']).toBe('us-east-1')
    expect(json(variables['STATE_MACHINE_ARNS'])).toEqual({ 'us-east-1': '<aws_sfn_state_machine acme-purge arn>' })
  })

  it('tells the functions that read a secret where it is, and the others nothing', () => {
    expect(environmentOf('acme-purge-cloudflare')).toEqual({ SECRETS_REGION: 'us-east-1' })
    expect(environmentOf('acme-notify-slack')).toEqual({ SECRETS_REGION: 'us-east-1' })
    expect(environmentOf('acme-plan-purge')).toBeUndefined()
    expect(environmentOf('acme-confirm-command')).toEqual({ WATCH_SECONDS: '4' })
  })
})
