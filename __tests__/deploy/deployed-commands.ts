// Run Command for the deployed documents: reads a document back from where Terraform put it, and really runs its script.

import { createRunCommand } from '../../local/aws/systems-manager/run-command.ts'
import { noFaults, refuseThrottled, type AwsFaults } from '../../local/aws/protocol/faults.ts'
import { answerWith } from '../../local/aws/protocol/protocol.ts'
import type { Instance } from '../../local/instance/instance.ts'
import { runScript } from '../../local/aws/systems-manager/ssm-agent.ts'
import { commandDocumentSchema, type CommandDocument } from '../../ssm/schema.ts'
import { json } from '../../local/server/http.ts'
import type { Intercept } from './proxy.ts'

export interface DeployedCommands {
  readonly intercept: Intercept
  readonly faults: AwsFaults
  /** While set, every command looks as if it still ran. */
  held: boolean
  close(): Promise<void>
}

const actions = [
  'SendCommand',
  'ListCommands',
  'ListCommandInvocations',
  'GetCommandInvocation',
  'CancelCommand',
  'DescribeInstanceInformation',
]

/** @param getDocument the deployed document's text; rejects where there is none */
export const deployedCommands = (
  instances: readonly Instance[],
  getDocument: (region: string, name: string) => Promise<string | undefined>,
): DeployedCommands => {
  const documents: Record<string, Record<string, CommandDocument>> = {}
  const faults = noFaults()
  const runCommand = createRunCommand({ documents, instances, run: runScript, faults, now: Date.now })
  const answer = answerWith({ AmazonSSM: runCommand.actions }, (action) => {
    refuseThrottled(faults, action)
  })

  /** Read anew for each command: an update takes effect at once. */
  const readDocument = async (region: string, name: string): Promise<void> => {
    const text = await getDocument(region, name)
    if (text !== undefined) (documents[region] ??= {})[name] = commandDocumentSchema.parse(JSON.parse(text))
  }

  const commands: DeployedCommands = {
    faults,
    held: false,
    intercept: ({ request, service, region, action }) => {
      if (service !== 'ssm' || !actions.includes(action)) return undefined
      const perform = async () => {
        if (action === 'SendCommand')
          await readDocument(region, (JSON.parse(request.body.toString()) as { DocumentName: string }).DocumentName)
        if (action === 'ListCommands' && commands.held)
          return json(200, { Commands: [{ Status: 'InProgress', StatusDetails: 'InProgress' }] })
        return answer(request)
      }
      return perform()
    },
    close: () => runCommand.close(),
  }
  return commands
}
