// Runs the real definition in the local engine; the test scripts what each task answers.

import { translateDefinition } from '../../local/aws/step-functions/engine-definition.ts'
import { StateError } from '../../local/aws/step-functions/engine-error.ts'
import { type Ending, startRun } from '../../local/aws/step-functions/engine.ts'
import { renderPurge } from '../../statemachines/purge.ts'

export type TaskName = 'plan' | 'send' | 'status' | 'cancel' | 'confirm' | 'edge' | 'before' | 'probe' | 'group' | 'notify'
/** Gets the task's input and how often it was called before; returns its result, or throws what `fails` makes. */
export type Answer = (input: Record<string, unknown>, before: number) => unknown

const arn = (name: TaskName): string => `arn:aws:lambda:us-east-1:123456789012:function:${name}`

const resources: Readonly<Record<string, TaskName>> = {
  [arn('plan')]: 'plan',
  'arn:aws:states:::aws-sdk:ssm:sendCommand': 'send',
  'arn:aws:states:::aws-sdk:ssm:cancelCommand': 'cancel',
  [arn('confirm')]: 'confirm',
  [arn('edge')]: 'edge',
  [arn('probe')]: 'probe',
  [arn('group')]: 'group',
  [arn('notify')]: 'notify',
}

const definition = translateDefinition(
  renderPurge({
    PlanPurgeArn: arn('plan'),
    ConfirmCommandArn: arn('confirm'),
    PurgeCloudflareArn: arn('edge'),
    ProbeEdgeArn: arn('probe'),
    PurgeGroupArn: arn('group'),
    NotifySlackArn: arn('notify'),
  }),
  0,
)

export const fails = (name: string, cause = 'scripted'): never => {
  throw new StateError(name, cause)
}

export const aLayer = (id: string, changes: object = {}) => ({
  id,
  label: id,
  kind: 'purge',
  document: `TD-${id}`,
  targets: [{ Key: 'InstanceIds', Values: ['i-0a1b2c3d4e5f60718'] }],
  parameters: { CachePath: [`/var/cache/nginx/${id}`] },
  comment: id,
  deliveryTimeoutSeconds: 60,
  pollSeconds: 2,
  maxPolls: 4,
  ...changes,
})

/** What confirm-command says to the input of a poll. */
export const aPoll = (input: Readonly<Record<string, unknown>>, ...statuses: readonly string[]) => ({
  statuses,
  details: statuses,
  targetCounts: statuses.map(() => 1),
  count: (input['poll'] as { count: number }).count + 1,
  waitSeconds: 1,
})

const well: Readonly<Record<TaskName, Answer>> = {
  plan: () => ({ commands: [aLayer('one'), aLayer('two')], edge: { status: 'pending' }, proof: null, notifiesOnSuccess: true }),
  send: ({ DocumentName }) => ({ Command: { CommandId: `command of ${String(DocumentName)}` } }),
  status: (input) => aPoll(input, 'Success'),
  cancel: () => ({}),
  confirm: ({ command }) => ({ id: (command as { id: string }).id, outcome: 'purged' }),
  edge: () => ({ status: 'done' }),
  before: ({ plan }) => plan,
  probe: ({ plan }) => ({ ...(plan as object), proof: { next: 'done' } }),
  group: ({ plan }) => ({ ...(plan as object), group: { status: 'done', waitSeconds: 1 } }),
  notify: ({ failure }) => ({ text: failure === undefined ? 'all is well' : 'told in Slack' }),
}

/** Two functions are called in two states each: to watch a command, and before the first command, when the layers have said nothing yet. */
const stateOf = (named: TaskName, given: object): TaskName => {
  if (named === 'confirm' && 'watch' in given) return 'status'
  return named === 'probe' && !('layers' in given) ? 'before' : named
}

export interface Outcome {
  /** Every task in order, as `send one`, `plan`, `notify failure`. */
  readonly tasks: readonly string[]
  readonly inputs: Readonly<Record<TaskName, readonly Record<string, unknown>[]>>
  readonly ending: Ending
  readonly output: unknown
}

const title = (name: TaskName, input: Record<string, unknown>): string => {
  if (name === 'send') return `send ${String(input['DocumentName']).replace('TD-', '')}`
  if (name === 'notify') return input['failure'] === undefined ? 'notify success' : 'notify failure'
  return name
}

export const runPurge = async (
  answers: Partial<Record<TaskName, Answer>> = {},
  input: unknown = { target: 'portal' },
): Promise<Outcome> => {
  const tasks: string[] = []
  const inputs: Record<TaskName, Record<string, unknown>[]> = {
    plan: [],
    send: [],
    status: [],
    cancel: [],
    confirm: [],
    edge: [],
    before: [],
    probe: [],
    group: [],
    notify: [],
  }
  const { ended } = startRun({
    definition,
    input: JSON.stringify(input),
    context: {
      Execution: { Id: 'arn:execution', Name: 'test', StartTime: '2026-11-21T12:00:00.000Z' },
      StateMachine: { Id: 'arn:machine', Name: 'purge' },
    },
    perform: ({ resource, input: given }) => {
      const named = resources[resource]
      if (named === undefined) throw new Error(`the definition names an unknown resource: ${resource}`)
      const name = stateOf(named, given as object)
      const known = (name === 'status' ? (given as { watch: object }).watch : given) as Record<string, unknown>
      tasks.push(title(name, known))
      const before = inputs[name].push(known) - 1
      return Promise.resolve().then(() => (answers[name] ?? well[name])(known, before))
    },
    waitScale: 0,
    now: Date.now,
  })
  const ending = await ended
  return { tasks, inputs, ending, output: ending.status === 'SUCCEEDED' ? JSON.parse(ending.output) : undefined }
}
