// Prints slack/manifest.yaml with the deployed URL in it, and refuses a manifest that Slack would refuse.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseDocument } from 'yaml'
import * as z from 'zod'
import { ConfigError } from '../config/config-error.ts'
import { readConfig } from '../config/read.ts'
import { deployedUrl } from './deployed-url.ts'

const usage = `npm run --silent slack:manifest -- [https://…/slack/commands]
A new Slack app takes slack/manifest.yaml as it is, with a placeholder for the URL; run this after the deployment.`

const text = (most: number) => z.string().min(1).max(most)

/** Limits: https://docs.slack.dev/reference/app-manifest (read 2026-11). Strict: Slack ignores some misspelt keys silently. */
const Manifest = z.strictObject({
  _metadata: z.strictObject({ major_version: z.literal(1), minor_version: z.literal(1) }),
  display_information: z.strictObject({ name: text(35), description: text(140) }),
  features: z.strictObject({
    bot_user: z.strictObject({ display_name: z.string().regex(/^[a-z0-9._-]{1,80}$/), always_online: z.boolean() }),
    slash_commands: z
      .array(
        z.strictObject({
          command: text(32).regex(/^\/[a-z0-9_-]+$/, 'must begin with / and hold lower-case letters, digits, - and _'),
          url: z.url({ protocol: /^https$/ }).endsWith('/slack/commands'),
          description: text(2000),
          usage_hint: text(1000),
          // Escaped text would arrive with ids in place of names, which no target is called by.
          should_escape: z.literal(false),
        }),
      )
      .length(1),
  }),
  // What it needs and no more: commands for the slash command, incoming-webhook for the report.
  oauth_config: z.strictObject({ scopes: z.strictObject({ bot: z.tuple([z.literal('commands'), z.literal('incoming-webhook')]) }) }),
  settings: z.strictObject({
    incoming_webhooks: z.strictObject({ incoming_webhooks_enabled: z.literal(true) }),
    org_deploy_enabled: z.boolean(),
    // With socket mode Slack would not post to the URL.
    socket_mode_enabled: z.literal(false),
    token_rotation_enabled: z.literal(false),
  }),
})

/**
 * @param url the slash command's request URL
 * @returns the manifest with it, comments and order kept
 * @throws with every reason for which Slack, or the deployed function, would refuse it
 */
export const withRequestUrl = (manifest: string, url: string): string => {
  const document = parseDocument(manifest)
  if (document.errors.length > 0)
    throw new ConfigError(`slack/manifest.yaml is not YAML: ${document.errors.map(({ message }) => message).join('; ')}`)
  document.setIn(['features', 'slash_commands', 0, 'url'], url)
  const checked = Manifest.safeParse(document.toJS())
  if (!checked.success) {
    throw new ConfigError(
      `slack/manifest.yaml:\n${checked.error.issues.map(({ path, message }) => `  ${path.map(String).join('.')}: ${message}`).join('\n')}`,
    )
  }
  return document.toString({ lineWidth: 0 })
}

if (import.meta.main) {
  try {
    const manifest = readFileSync(resolve(import.meta.dirname, '../slack/manifest.yaml'), 'utf8')
    const url = process.argv[2] ?? deployedUrl((await readConfig()).config.name)
    console.log(withRequestUrl(manifest, url).trimEnd())
    console.error(`\nPaste it at https://api.slack.com/apps: your app > App Manifest, or Create New App > From a manifest.`)
  } catch (error) {
    console.error(error instanceof ConfigError ? `${error.message}\n\n${usage}` : error)
    process.exitCode = 1
  }
}
