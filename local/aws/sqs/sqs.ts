// A standard queue of SQS in memory: visibility time-out, receive count, dead-letter queue. Nothing is in order, and nothing is delivered just once.

import { randomUUID } from 'node:crypto'

export interface Message {
  readonly messageId: string
  readonly body: string
  /** Epoch milliseconds. */
  readonly sentAt: number
  /** Deliveries so far. */
  readonly receiveCount: number
}

export interface Queue {
  readonly send: (body: string) => string
  /** Hides what it gives out until the visibility time-out has passed. */
  readonly receive: (most: number) => Message[]
  /** Shows what was received again after so many seconds, instead of at its time-out. */
  readonly changeVisibility: (messageIds: readonly string[], seconds: number) => void
  readonly delete: (messageIds: readonly string[]) => void
  /** Waiting to be received, hidden after a receipt, and given up. */
  readonly counts: () => { readonly visible: number; readonly inFlight: number; readonly dead: number }
  readonly dead: () => readonly Message[]
}

export interface QueueOptions {
  readonly visibilitySeconds: number
  /** After so many deliveries a message goes to the dead-letter queue instead of being delivered again. */
  readonly maxReceiveCount: number
  /** Epoch milliseconds. */
  readonly now?: () => number
}

export const createQueue = ({ visibilitySeconds, maxReceiveCount, now = Date.now }: QueueOptions): Queue => {
  const visible = new Map<string, Message>()
  const hidden = new Map<string, { readonly message: Message; readonly until: number }>()
  const dead: Message[] = []
  /** When the first of the hidden ones has to be shown again, at the earliest: nobody inspects thousands before that. */
  let nextWake = Infinity

  const hide = (message: Message, seconds: number): void => {
    const until = now() + seconds * 1000
    hidden.set(message.messageId, { message, until })
    nextWake = Math.min(nextWake, until)
  }
  const wake = (): void => {
    if (now() < nextWake) return
    nextWake = Infinity
    for (const [id, { message, until }] of hidden) {
      if (until > now()) {
        nextWake = Math.min(nextWake, until)
        continue
      }
      hidden.delete(id)
      if (message.receiveCount >= maxReceiveCount) dead.push(message)
      else visible.set(id, message)
    }
  }

  return {
    send: (body) => {
      const messageId = randomUUID()
      visible.set(messageId, { messageId, body, sentAt: now(), receiveCount: 0 })
      return messageId
    },
    receive: (most) => {
      wake()
      const received: Message[] = []
      for (const [id, message] of visible) {
        if (received.length >= most) break
        visible.delete(id)
        const again = { ...message, receiveCount: message.receiveCount + 1 }
        hide(again, visibilitySeconds)
        received.push(again)
      }
      return received
    },
    changeVisibility: (messageIds, seconds) => {
      for (const id of messageIds) {
        const entry = hidden.get(id)
        if (entry) hide(entry.message, seconds)
      }
    },
    delete: (messageIds) => {
      for (const id of messageIds) {
        hidden.delete(id)
        visible.delete(id)
      }
    },
    counts: () => {
      wake()
      return { visible: visible.size, inFlight: hidden.size, dead: dead.length }
    },
    dead: () => {
      wake()
      return [...dead]
    },
  }
}
