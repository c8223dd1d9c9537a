// An invariant each: what breaks it, and the tests that must go red then.

export interface Mutation {
  /** The invariant that it breaks. */
  readonly breaks: string
  readonly file: string
  /** In the file exactly once. */
  readonly find: string
  readonly replace: string
  readonly tests: readonly string[]
}

const machine = 'statemachines/purge.asl.json'
const machineTests = ['__tests__/statemachines']

export const mutations: readonly Mutation[] = [
  {
    breaks: 'a timestamp from the future is refused',
    file: 'handlers/slack-command/signature.ts',
    find: 'Math.abs(age) > toleranceSeconds',
    replace: 'age > toleranceSeconds',
    tests: ['__tests__/handlers/slack-command/signature.test.ts'],
  },
  {
    breaks: 'a request that cannot be Slack costs no secret',
    file: 'handlers/slack-command/handler.ts',
    find: 'if (misshapen !== undefined) return refuse(misshapen)',
    replace: 'void misshapen',
    tests: ['__tests__/handlers/slack-command/handler.test.ts'],
  },
  {
    breaks: 'a probe that fails before a purge does not keep it from starting',
    file: machine,
    find: '"ResultPath": "$.beforeFailure", "Next": "Run Commands"',
    replace: '"ResultPath": "$.failure", "Next": "Notify Failure"',
    tests: machineTests,
  },
  {
    breaks: 'a command that is given up is cancelled',
    file: machine,
    find: '"NumericGreaterThanEqualsPath": "$.command.maxPolls", "Next": "Cancel Command"',
    replace: '"NumericGreaterThanEqualsPath": "$.command.maxPolls", "Next": "Confirm Command"',
    tests: machineTests,
  },
  {
    breaks: 'a command that only reads fails no purge',
    file: machine,
    find: '"Default": "Record Nothing"',
    replace: '"Default": "Command Failed"',
    tests: machineTests,
  },
  {
    breaks: 'one layer at a time',
    file: machine,
    find: '"MaxConcurrency": 1,',
    replace: '"MaxConcurrency": 2,',
    tests: machineTests,
  },
  {
    breaks: 'a page that is still stale is purged again once, not for ever',
    file: 'handlers/probe-edge/core.ts',
    find: 'if (round > 1) return',
    replace: 'if (round > 99) return',
    tests: ['__tests__/handlers/probe-edge/core.test.ts'],
  },
  {
    breaks: 'a patient purge outlasts three hours of a limit',
    file: 'handlers/purge-cloudflare/core.ts',
    find: 'maxPatientWaitedSeconds = 3 * 3600',
    replace: 'maxPatientWaitedSeconds = 66',
    tests: ['__tests__/handlers/purge-cloudflare/patience.test.ts'],
  },
  {
    breaks: 'what was accepted before a refusal is told',
    file: 'handlers/purge-cloudflare/handler.ts',
    find: 'if (progress.accepted.length > acceptedBefore)',
    replace: 'if (progress.accepted.length < acceptedBefore)',
    tests: ['__tests__/handlers/purge-cloudflare/handler.test.ts'],
  },
  {
    breaks: 'only a success of Cloudflare counts as accepted',
    file: 'edge/cloudflare/answer.ts',
    find: 'envelope?.success === true',
    replace: 'envelope !== undefined',
    tests: ['__tests__/handlers/purge-cloudflare/core.test.ts'],
  },
  {
    breaks: 'a key that is no text poisons no neighbour',
    file: 'handlers/intake-s3/message.ts',
    find: '/\\p{Surrogate}/u.test(key)',
    replace: 'key.length < 0',
    tests: ['__tests__/handlers/intake-s3/core.test.ts'],
  },
  {
    breaks: 'what was not started comes again',
    file: 'handlers/intake-s3/handler.ts',
    find: 'of left) for (const',
    replace: 'of left.slice(1)) for (const',
    tests: ['__tests__/handlers/intake-s3/handler.test.ts'],
  },
  {
    breaks: 'a purge that was stopped by hand rings no alarm',
    file: 'handlers/notify-slack/metric.ts',
    find: "return 'stopped'",
    replace: 'return verdict',
    tests: ['__tests__/handlers/notify-slack/handler.test.ts'],
  },
  {
    breaks: 'nobody may decrypt but by way of Parameter Store',
    file: 'stacks/secrets.ts',
    find: ', conditions: viaService }',
    replace: ', ...(viaService && {}) }',
    tests: ['__tests__/stacks/access.test.ts'],
  },
  {
    breaks: 'a purge that left the old copy rings an alarm',
    file: 'stacks/alarm-list.ts',
    find: "['failed', 'stale', 'unproven']",
    replace: "['failed', 'unproven']",
    tests: ['__tests__/stacks/alarms.test.ts'],
  },
]
