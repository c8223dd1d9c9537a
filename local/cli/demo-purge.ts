// One purge of the demo, as somebody in Slack sees it: the command, its answer, the steps, and the message of the end.

import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import type { Target } from '../../config/schema.ts'
import type { Execution } from '../aws/step-functions/execution.ts'
import { signedSlashCommand, slashCommandForm } from '../slack/client.ts'
import { renderMessage } from '../slack/render.ts'
import type { ReceivedMessage } from '../slack/slack.ts'
import type { System } from '../system/system.ts'
import { tellProgress } from './progress.ts'

const colour = process.stdout.isTTY
const Reply = z.object({ text: z.string() })

const startedExecution = async (system: System, { region, id }: Target, earlier: ReadonlySet<string>): Promise<Execution> => {
  for (let waited = 0; waited < 5000; waited += 20) {
    const execution = system.machines.get(region)?.executions.find(({ arn, name }) => name.startsWith(`slack-${id}-`) && !earlier.has(arn))
    if (execution) return execution
    await sleep(20)
  }
  throw new Error(`the command for ${id} started no execution`)
}

/**
 * @param note stands behind the command: what there is to know before it
 * @returns how the execution ended, and the last message in Slack
 */
export const askForPurge = async (
  system: System,
  target: Target,
  note: string,
): Promise<{ readonly status: string; readonly message: ReceivedMessage | undefined }> => {
  const earlier = new Set(system.machines.get(target.region)?.executions.map(({ arn }) => arn))
  const [channel = ''] = target.allow.channelIds
  console.log(`\n> /clear-cache ${target.id}        (${note})`)
  const form = slashCommandForm({ text: target.id, channel_id: channel })
  const { status, body } = await signedSlashCommand({ url: system.slackUrl, signingSecret: system.signingSecret, form })
  if (status !== 200) throw new Error(`the endpoint answered HTTP ${status}: ${body}`)
  console.log(`${renderMessage(Reply.parse(JSON.parse(body)), { colour })}\n`)

  const execution = await startedExecution(system, target, earlier)
  await tellProgress(execution, (line) => {
    console.log(line)
  })
  await system.ended(execution)
  const ending = await execution.run.ended
  const message = system.slack.messages().at(-1)
  console.log(`\n${message ? renderMessage(message.payload, { colour }) : 'No message arrived in Slack.'}`)
  return { status: ending.status, message }
}
