// One state machine of a cell and its executions.

import { randomUUID } from 'node:crypto'
import { startRun } from './engine.ts'
import { translateDefinition } from './engine-definition.ts'
import { createTaskPerformer, type TaskOptions } from './engine-tasks.ts'
import type { Execution } from './execution.ts'
import { endedEvent, type ExecutionEndedEvent } from './execution-event.ts'
import { AwsError } from '../protocol/protocol.ts'

export interface StateMachineOptions extends Omit<TaskOptions, 'awsUrl'> {
  readonly name: string
  /** The definition as it is deployed, as JSON text. */
  readonly definition: string
  /** Multiplies every Wait and retry interval; 1 is real time, which is the default. */
  readonly waitScale?: number
  /** Hears of every execution that ends as FAILED, TIMED_OUT or ABORTED, as an EventBridge rule would. */
  readonly onEnded?: (event: ExecutionEndedEvent) => void
}

export interface StateMachine {
  readonly arn: string
  readonly name: string
  readonly region: string
  readonly definition: string
  readonly createdAt: number
  /** Newest first. */
  readonly executions: readonly Execution[]
  /** @throws AwsError with StartExecution's own names */
  start(name: string | undefined, input: string): Execution
  /** Aborts what runs, and tells nobody. */
  close(): void
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** @throws when the definition cannot be run here */
export const createStateMachine = (options: StateMachineOptions, awsUrl: string, now: () => number): StateMachine => {
  const { region, name, waitScale = 1, onEnded } = options
  const arn = `arn:aws:states:${region}:000000000000:stateMachine:${name}`
  const definition = translateDefinition(options.definition, waitScale)
  const perform = createTaskPerformer({ region, awsUrl, invoke: options.invoke })
  const executions: Execution[] = []
  let open = true

  const run = (executionName: string, input: string): Execution => {
    const startedAt = now()
    const parsedInput: unknown = JSON.parse(input)
    const executionArn = `arn:aws:states:${region}:000000000000:execution:${name}:${executionName}`
    const Execution = {
      Id: executionArn,
      Name: executionName,
      StartTime: new Date(startedAt).toISOString(),
      Input: parsedInput,
      RoleArn: 'arn:aws:iam::000000000000:role/local',
    }
    const context = { Execution, StateMachine: { Id: arn, Name: name } }
    const execution: Execution = {
      arn: executionArn,
      name: executionName,
      stateMachineArn: arn,
      input,
      startedAt,
      run: startRun({ definition, input, context, perform, waitScale, now }),
    }
    void execution.run.ended.then((ending) => {
      execution.ending = { ...ending, at: now() }
      if (open && ending.status !== 'SUCCEEDED') onEnded?.(endedEvent(execution, ending, region))
    })
    return execution
  }

  return {
    arn,
    name,
    region,
    definition: options.definition,
    createdAt: now(),
    executions,
    start: (executionName, input) => {
      if (executionName !== undefined && !/^[0-9A-Za-z_-]{1,80}$/.test(executionName))
        throw new AwsError('InvalidName', `Invalid Name: '${executionName}'`)
      if (!isJson(input))
        throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${input.slice(0, 200)}' is not valid JSON`)
      const known = executions.find((execution) => execution.name === executionName)
      if (known) {
        // A retried request gets the answer of the first one, as long as that still runs.
        if (!known.ending && known.input === input) return known
        throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${known.arn}'`)
      }
      const execution = run(executionName ?? randomUUID(), input)
      executions.unshift(execution)
      return execution
    },
    close: () => {
      open = false
      for (const execution of executions) execution.run.abort(undefined, 'the local run ends')
    },
  }
}
