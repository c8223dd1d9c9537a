// One turn of a group: starts what is not started, in whatever region, and asks what runs how it ended.

import { DescribeExecutionCommand, ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn'
import type { GroupMember } from '../../statemachines/data/group.ts'
import type { Plan } from '../../statemachines/data/plan.ts'
import { lazily, requiredEnvironment } from '../shared/lazily.ts'
import { afterTurn, childInput, childName, type Described, endingOf } from './core.ts'
import { GroupRequest, StateMachineArns } from './schema.ts'

export interface Deps {
  /** Resolves to the execution's ARN, also when one of this name exists already. */
  readonly start: (region: string, name: string, input: string) => Promise<string>
  readonly describe: (region: string, executionArn: string) => Promise<Described>
}

export const createHandler = ({ start, describe }: Deps) => {
  return async (event: unknown): Promise<Plan> => {
    const { plan, execution } = GroupRequest.parse(event)
    const { group } = plan
    const turn = async (member: GroupMember): Promise<GroupMember> => {
      const { id, region } = member
      if (member.executionArn === null)
        return { ...member, executionArn: await start(region, childName(execution.arn, id), childInput(plan, group, id)) }
      if (member.ending !== null) return member
      return { ...member, ending: endingOf(member, await describe(region, member.executionArn)) }
    }
    return { ...plan, group: afterTurn(group, await Promise.all(group.members.map(turn))) }
  }
}

export const handler = lazily(() => {
  const stateMachineArns = StateMachineArns.parse(JSON.parse(requiredEnvironment('STATE_MACHINE_ARNS')))
  const clients = new Map<string, SFNClient>()
  const clientFor = (region: string): SFNClient => {
    const client = clients.get(region) ?? new SFNClient({ region })
    clients.set(region, client)
    return client
  }
  return createHandler({
    start: async (region, name, input) => {
      const stateMachineArn = stateMachineArns[region]
      if (stateMachineArn === undefined) throw new Error(`STATE_MACHINE_ARNS names no state machine in ${region}: deploy again`)
      try {
        const { executionArn = '' } = await clientFor(region).send(new StartExecutionCommand({ stateMachineArn, name, input }))
        return executionArn
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) throw error
        return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`
      }
    },
    describe: async (region, executionArn) => {
      const { status = '', output, error, cause } = await clientFor(region).send(new DescribeExecutionCommand({ executionArn }))
      return { status, output, error, cause }
    },
  })
})
