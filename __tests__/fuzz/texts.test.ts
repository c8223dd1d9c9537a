// Hostile texts wherever a text is taken: answered or refused in words, and never a mention, a crash or a plan that cannot be read.

import { describe, expect, it } from 'vitest'
import { createHandler } from '../../handlers/slack-command/handler.ts'
import { reportFailure } from '../../handlers/notify-slack/core.ts'
import { renderMessage } from '../../handlers/notify-slack/message.ts'
import { planPurge } from '../../handlers/plan-purge/core.ts'
import { readMessage } from '../../handlers/intake-s3/message.ts'
import { Plan } from '../../statemachines/data/plan.ts'
import { aConfig } from '../config/a-config.ts'
import { aForm, aSlackEvent, noon, signingSecret, someSecrets } from '../handlers/factories.ts'
import { hostileTexts } from './hostile.ts'
import { quietConsole } from './quiet.ts'

quietConsole()

const config = aConfig()
const readSecrets = someSecrets({ '/acme/slack/signing-secret': signingSecret })
const everyText = async (judge: (text: string) => unknown): Promise<void> => {
  await Promise.all(hostileTexts.map(judge))
}
/** Slack takes these for a mention of many, a link or a channel; one channel stands in the config. */
const mentions = /<(!|https?:|mailto:|#(?!C0123456789>))/

describe('a hostile text', () => {
  it.each(['text', 'command', 'user_id', 'user_name', 'channel_id', 'channel_name', 'trigger_id', 'response_url'])(
    'as %s of a signed command is answered without a mention',
    (field) =>
      everyText(async (text) => {
        const handler = createHandler({ config, readSecrets, now: () => noon, startExecution: () => Promise.resolve() })
        const { statusCode, body = '' } = await handler(aSlackEvent({ body: aForm({ [field]: text }) }))
        expect([200, 400]).toContain(statusCode)
        if (statusCode === 200) expect((JSON.parse(body) as { text: string }).text).not.toMatch(mentions)
      }),
  )

  it.each(['target', 'source', 'requester', 'urls', 'prefixes', 'dryRun', 'group', 'other'])(
    'as %s of an execution is refused in words, or planned as it says',
    (field) =>
      everyText((text) => {
        for (const value of [text, [text], { [text]: text }]) {
          try {
            const plan = planPurge({ target: 'portal', [field]: value }, config)
            expect(Plan.safeParse(JSON.parse(JSON.stringify(plan))).success).toBe(true)
          } catch (error) {
            expect((error as Error).name).toBe('InvalidRequest')
            expect((error as Error).message.length).toBeLessThan(20_000)
          }
        }
      }),
  )

  it('as the reason of a failure mentions nobody, and fits in a message', () =>
    everyText((text) => {
      const failure = {
        executionArn: 'arn:aws:states:us-east-1:1:execution:m:e',
        startedAt: noon,
        endedAt: noon,
        reason: text,
        interrupted: false,
        ofReport: false,
      }
      const message = JSON.stringify(renderMessage(reportFailure(failure, undefined)).payload)
      expect(message).not.toMatch(/<(!|#)/)
      expect(message.length).toBeLessThan(50_000)
    }))

  it('as a message of the queue is told or dropped', () =>
    everyText((text) => {
      for (const body of [text, JSON.stringify(text), JSON.stringify({ [text]: text }), JSON.stringify({ Records: [text] })]) {
        const { changes, dropped, problems } = readMessage(body)
        expect(changes).toEqual([])
        expect(dropped.length + problems.length).toBeGreaterThan(0)
      }
    }))
})
