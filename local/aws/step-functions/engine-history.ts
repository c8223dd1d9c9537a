// The history of one execution, event by event, in the shapes of GetExecutionHistory.

export interface HistoryEvent {
  readonly id: number
  /** 0 for the first. Our executions do one thing at a time, so it is always the event before. */
  readonly previousEventId: number
  /** Epoch milliseconds. */
  readonly timestamp: number
  readonly type: string
  /** `{ stateEnteredEventDetails: { ... } }` and the like; empty where AWS has none. */
  readonly details: Readonly<Record<string, object>>
}

export interface History {
  readonly events: readonly HistoryEvent[]
  readonly add: (type: string, details?: object) => void
}

const detailsKey = (type: string): string => {
  if (type.endsWith('StateEntered')) return 'stateEnteredEventDetails'
  if (type.endsWith('StateExited')) return 'stateExitedEventDetails'
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`
}

export const createHistory = (now: () => number): History => {
  const events: HistoryEvent[] = []
  return {
    events,
    add: (type, details) => {
      events.push({
        id: events.length + 1,
        previousEventId: events.length,
        timestamp: now(),
        type,
        details: details ? { [detailsKey(type)]: details } : {},
      })
    },
  }
}

/** Data as events carry it. */
export const carried = (key: 'input' | 'output', text: string): object => ({ [key]: text, [`${key}Details`]: { truncated: false } })
