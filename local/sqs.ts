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

  const wake = (): void => {
    for (const [id, { message, until }] of hidden) {
      // Entries are in the order of their time-outs: every receipt is hidden for as long.
      if (until > now()) return
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
        hidden.set(id, { message: again, until: now() + visibilitySeconds * 1000 })
        received.push(again)
      }
      return received
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
