import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn'
import { expect } from 'vitest'
import type { DryRunReport } from '../../../handlers/notify-slack/dry-run.ts'
import type { SharedSystem } from './share-system.ts'

export const askDryRun = async ({ system, sfn, machine, executions }: SharedSystem, target = 'portal'): Promise<DryRunReport> => {
  const { executionArn } = await sfn().send(
    new StartExecutionCommand({ stateMachineArn: machine().arn, input: JSON.stringify({ target, dryRun: true }) }),
  )
  await system().ended(executions()[0]!)
  const { status, output } = await sfn().send(new DescribeExecutionCommand({ executionArn }))
  expect(status).toBe('SUCCEEDED')
  return JSON.parse(output ?? '') as DryRunReport
}
