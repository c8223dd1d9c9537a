// The local AWS: Parameter Store, Run Command and Step Functions on one loopback port, for the SDKs and the aws command line alike.

import { serve } from '../server/http.ts'
import type { Instance } from '../instance/instance.ts'
import { runScript, type RunScript } from './systems-manager/ssm-agent.ts'
import { noFaults, refuseThrottled, type AwsFaults } from './protocol/faults.ts'
import { documentActions, type DocumentsByRegion } from './systems-manager/documents.ts'
import { instanceInformationActions } from './systems-manager/instance-information.ts'
import { parameterActions, type ParametersByRegion } from './systems-manager/parameters.ts'
import { answerWith } from './protocol/protocol.ts'
import { createRunCommand } from './systems-manager/run-command.ts'
import { createStateMachine, type StateMachine, type StateMachineOptions } from './step-functions/state-machine.ts'
import { stepFunctionsActions } from './step-functions/step-functions.ts'

export interface AwsOptions {
  /** 0, the default, picks a free port. */
  readonly port?: number
  readonly parameters?: ParametersByRegion
  readonly documents?: DocumentsByRegion
  readonly instances?: readonly Instance[]
  /** What runs a script on an instance. */
  readonly run?: RunScript
  readonly now?: () => number
}

export interface Aws {
  /** For AWS_ENDPOINT_URL and --endpoint-url. */
  readonly url: string
  readonly faults: AwsFaults
  readonly instances: readonly Instance[]
  /** One of a region's state machines. Comes after the start, because its functions need the URL. */
  createStateMachine(options: StateMachineOptions): StateMachine
  /** Aborts the executions, kills the scripts, and stops listening. */
  close(): Promise<void>
}

export const startAws = async (options: AwsOptions = {}): Promise<Aws> => {
  const { port = 0, parameters = {}, documents = {}, instances = [], run = runScript, now = Date.now } = options
  const faults = noFaults()
  const machines: StateMachine[] = []
  const runCommand = createRunCommand({ documents, instances, run, faults, now })
  const services = {
    AmazonSSM: {
      ...parameterActions(parameters, now),
      ...documentActions(documents),
      ...instanceInformationActions(instances, now),
      ...runCommand.actions,
    },
    AWSStepFunctions: stepFunctionsActions(machines, now),
  }
  const server = await serve(
    port,
    answerWith(services, (action) => {
      refuseThrottled(faults, action)
    }),
  )
  return {
    url: server.url,
    faults,
    instances,
    createStateMachine: (machineOptions) => {
      const machine = createStateMachine(machineOptions, server.url, now)
      machines.push(machine)
      return machine
    },
    close: async () => {
      for (const machine of machines) machine.close()
      await runCommand.close()
      await server.close()
    },
  }
}
