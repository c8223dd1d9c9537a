// `npm run slash -- portal`: sends a signed slash command to the local endpoint and shows the answer as Slack would.

import * as z from 'zod'
import { readArguments } from '../../scripts/read-arguments.ts'
import { readConfig } from '../../config/read.ts'
import { defaultPort, localSigningSecret } from '../system/defaults.ts'
import { signedSlashCommand, slashCommandForm } from '../slack/client.ts'
import { renderMessage } from '../slack/render.ts'

const usage = `npm run slash -- "<target> [--dry-run]" [--port N] [--channel ID] [--user ID] [--config FILE]
  --port N       where \`npm run local\` has its Slack endpoint, default ${defaultPort}
  --channel ID   default: the first channel that may clear the target
  --config FILE  the config that \`npm run local\` was given`

const Reply = z.object({ response_type: z.string(), text: z.string() })

const { values, positionals } = readArguments(
  {
    allowPositionals: true,
    options: {
      port: { type: 'string' },
      channel: { type: 'string' },
      user: { type: 'string' },
      config: { type: 'string' },
      'dry-run': { type: 'boolean' },
      help: { type: 'boolean', default: false },
    },
  },
  usage,
)
const text = [...positionals, ...(values['dry-run'] ? ['--dry-run'] : [])].join(' ')
const url = `http://127.0.0.1:${values.port ?? defaultPort}/slack/commands`

const send = async (): Promise<void> => {
  const { config } = await readConfig(values.config)
  const target = config.targets.find(({ id }) => text.toLowerCase().split(/\s+/).includes(id)) ?? config.targets[0]
  const channel = values.channel ?? target?.allow.channelIds[0]
  const form = slashCommandForm({
    text,
    ...(channel === undefined ? {} : { channel_id: channel }),
    ...(values.user === undefined ? {} : { user_id: values.user }),
  })
  const { status, body } = await signedSlashCommand({ url, signingSecret: localSigningSecret, form })
  if (status !== 200) {
    console.error(`The endpoint answered HTTP ${status}: ${body}`)
    process.exitCode = 1
    return
  }
  const reply = Reply.parse(JSON.parse(body))
  console.log(
    `${reply.response_type === 'ephemeral' ? '(only you see this) ' : ''}${renderMessage({ text: reply.text }, { colour: process.stdout.isTTY })}`,
  )
}

if (values.help) console.log(usage)
else {
  try {
    await send()
  } catch (error) {
    const refused = error instanceof TypeError && error.message === 'fetch failed'
    console.error(
      refused
        ? `Nothing listens at ${url}: start it with \`npm run local\`, or name its port with --port.`
        : error instanceof Error
          ? error.message
          : error,
    )
    process.exitCode = 1
  }
}
