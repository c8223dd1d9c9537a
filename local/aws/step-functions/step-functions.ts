// The Step Functions actions.

import * as z from 'zod'
import { statusOf, viewExecution, viewHistoryEvent, viewListedExecution } from './execution-views.ts'
import { page } from '../protocol/paging.ts'
import { action, AwsError, seconds, type Actions } from '../protocol/protocol.ts'
import type { Execution } from './execution.ts'
import type { StateMachine } from './state-machine.ts'

const Arn = z.string().min(1).max(256)
/** 0 means the default, as at AWS. */
const Paging = {
  maxResults: z
    .int()
    .min(0)
    .max(1000)
    .default(0)
    .transform((size) => size || 100),
  nextToken: z.string().min(1).max(1024).optional(),
}
const Input = z.string().refine((text) => Buffer.byteLength(text) <= 262_144, 'Member must have length less than or equal to 262144')
const Status = z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE'])

const roleArn = 'arn:aws:iam::000000000000:role/local'

/** @param machines grows while the endpoint serves */
export const stepFunctionsActions = (machines: readonly StateMachine[], now: () => number): Actions => {
  const findMachine = (region: string, arn: string): StateMachine => {
    if (!/^arn:aws[a-z-]*:states:[a-z0-9-]+:\d{12}:stateMachine:[^:]+$/.test(arn)) throw new AwsError('InvalidArn', `Invalid Arn: '${arn}'`)
    const machine = machines.find((candidate) => candidate.arn === arn && candidate.region === region)
    if (!machine) throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`)
    return machine
  }
  const findExecution = (region: string, arn: string): Execution => {
    if (!/^arn:aws[a-z-]*:states:[a-z0-9-]+:\d{12}:execution:[^:]+:[^:]+$/.test(arn))
      throw new AwsError('InvalidArn', `Invalid Arn: '${arn}'`)
    const execution = machines
      .filter((machine) => machine.region === region)
      .flatMap((machine) => machine.executions)
      .find((candidate) => candidate.arn === arn)
    if (!execution) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`)
    return execution
  }
  const summary = (machine: StateMachine) => ({
    stateMachineArn: machine.arn,
    name: machine.name,
    type: 'STANDARD',
    creationDate: seconds(machine.createdAt),
  })

  return {
    ListStateMachines: action(z.object(Paging), ({ maxResults, nextToken }, region) => {
      const here = machines.filter((machine) => machine.region === region)
      const found = page(here, maxResults, nextToken, 'InvalidToken')
      return { stateMachines: found.items.map(summary), nextToken: found.nextToken }
    }),
    DescribeStateMachine: action(z.object({ stateMachineArn: Arn }), ({ stateMachineArn }, region) => {
      const machine = findMachine(region, stateMachineArn)
      return {
        ...summary(machine),
        status: 'ACTIVE',
        definition: machine.definition,
        roleArn,
        loggingConfiguration: { level: 'OFF', includeExecutionData: false },
        tracingConfiguration: { enabled: false },
      }
    }),
    DescribeStateMachineForExecution: action(z.object({ executionArn: Arn }), ({ executionArn }, region) => {
      const execution = findExecution(region, executionArn)
      const machine = machines.find(({ executions }) => executions.includes(execution))
      return machine && { ...summary(machine), definition: machine.definition, roleArn, updateDate: seconds(machine.createdAt) }
    }),
    RedriveExecution: action(z.object({ executionArn: Arn }), ({ executionArn }, region) => {
      findExecution(region, executionArn)
      throw new AwsError('ExecutionNotRedrivable', 'The local run redrives no execution: a purge is begun again by a new one')
    }),
    StartExecution: action(
      z.object({ stateMachineArn: Arn, name: z.string().min(1).max(80).optional(), input: Input.default('{}') }),
      ({ stateMachineArn, name, input }, region) => {
        const execution = findMachine(region, stateMachineArn).start(name, input)
        return { executionArn: execution.arn, startDate: seconds(execution.startedAt) }
      },
    ),
    DescribeExecution: action(z.object({ executionArn: Arn }), ({ executionArn }, region) =>
      viewExecution(findExecution(region, executionArn)),
    ),
    ListExecutions: action(z.object({ stateMachineArn: Arn, statusFilter: Status.optional(), ...Paging }), (input, region) => {
      const all = findMachine(region, input.stateMachineArn).executions.filter(
        (execution) => input.statusFilter === undefined || statusOf(execution) === input.statusFilter,
      )
      const { items, nextToken } = page(all, input.maxResults, input.nextToken, 'InvalidToken')
      return { executions: items.map(viewListedExecution), nextToken }
    }),
    GetExecutionHistory: action(
      z.object({ executionArn: Arn, reverseOrder: z.boolean().default(false), includeExecutionData: z.boolean().default(true), ...Paging }),
      (input, region) => {
        const { events } = findExecution(region, input.executionArn).run.history
        const ordered = input.reverseOrder ? events.toReversed() : events
        const { items, nextToken } = page(ordered, input.maxResults, input.nextToken, 'InvalidToken')
        return { events: items.map((event) => viewHistoryEvent(event, input.includeExecutionData)), nextToken }
      },
    ),
    StopExecution: action(
      z.object({ executionArn: Arn, error: z.string().max(256).optional(), cause: z.string().max(32_768).optional() }),
      async ({ executionArn, error, cause }, region) => {
        const execution = findExecution(region, executionArn)
        execution.run.abort(error, cause)
        await execution.run.ended
        return { stopDate: seconds(execution.ending?.at ?? now()) }
      },
    ),
  }
}
