// Writes what the engine reports into the history, as Step Functions writes it, and holds every state's output to the size limit.

import type { StateMachine } from 'aws-local-stepfunctions'
import { selectItem, type Translated } from './engine-definition.ts'
import { checkDataLimit } from './engine-error.ts'
import { carried, type History } from './engine-history.ts'

interface Recorder {
  readonly definition: Translated
  readonly history: History
  /** After it has fired nothing is written. */
  readonly stop: AbortSignal
  readonly fail: (error: unknown) => void
  /** The task under way has run out of time. */
  readonly onTimeout: () => void
}

type EventLogs = ReturnType<StateMachine['run']>['eventLogs']
type EventLog = EventLogs extends AsyncGenerator<infer E> ? E : never

const recordEvent = ({ definition, history, onTimeout }: Recorder, event: EventLog): void => {
  if (!('state' in event) || event.state.name === selectItem) return
  const { name, input, output } = event.state
  const type = definition.types.get(name) ?? event.state.type
  const work = definition.work.get(name)
  if (event.type === 'StateEntered') {
    history.add(`${type}StateEntered`, { name, ...carried('input', JSON.stringify(input)) })
  } else if (event.type === 'StateExited') {
    const text = JSON.stringify(output)
    checkDataLimit(text, `The state '${name}' has an output that`)
    history.add(`${type}StateExited`, { name, ...carried('output', text) })
  } else if (event.type === 'StateFailed' && 'Error' in event && event.Error === 'States.Timeout' && work?.kind === 'task') {
    onTimeout()
    const [, resource] = /^arn:aws:states:::aws-sdk:ssm:(.+)$/.exec(work.resource) ?? []
    const end = { error: event.Error, cause: '' }
    if (resource === undefined) history.add('LambdaFunctionTimedOut', end)
    else history.add('TaskTimedOut', { resourceType: 'aws-sdk:ssm', resource, ...end })
  }
}

/** Resolves when the engine reports nothing more. Never rejects. */
export const recordEvents = async (recorder: Recorder, events: EventLogs): Promise<void> => {
  for await (const event of events) {
    try {
      if (!recorder.stop.aborted) recordEvent(recorder, event)
    } catch (error) {
      recorder.fail(error)
    }
  }
}
