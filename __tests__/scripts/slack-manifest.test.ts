import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { withRequestUrl } from '../../scripts/slack-manifest.ts'

const manifest = readFileSync(new URL('../../slack/manifest.yaml', import.meta.url), 'utf8')
const url = 'https://abc123.execute-api.eu-west-1.amazonaws.com/slack/commands'

describe('the Slack app manifest', () => {
  it('gets the deployed URL, and keeps everything else, comments too', () => {
    const written = withRequestUrl(manifest, url)
    expect(parse(written)).toMatchObject({ features: { slash_commands: [{ command: '/clear-cache', url }] } })
    expect(written.replace(url, '')).toBe(manifest.replace(/https:\S+\/slack\/commands/, ''))
  })

  it('is the same when written twice', () => {
    expect(withRequestUrl(withRequestUrl(manifest, url), url)).toBe(withRequestUrl(manifest, url))
  })

  it.each([
    ['a URL without TLS', url.replace('https', 'http'), (text: string) => text, 'features.slash_commands.0.url'],
    ['a URL of another path', url.replace('/slack/commands', '/'), (text: string) => text, 'features.slash_commands.0.url'],
    [
      'a name of 36 characters',
      url,
      (text: string) => text.replace('name: purgeflow', `name: ${'x'.repeat(36)}`),
      'display_information.name',
    ],
    [
      'a description of 141 characters',
      url,
      (text: string) => text.replace(/description: Clears.*/, `description: ${'x'.repeat(141)}`),
      'display_information.description',
    ],
    [
      'a command of 33 characters',
      url,
      (text: string) => text.replace('/clear-cache', `/${'x'.repeat(32)}`),
      'features.slash_commands.0.command',
    ],
    ['a command without its slash', url, (text: string) => text.replace('command: /', 'command: '), 'features.slash_commands.0.command'],
    [
      'a scope more than it needs',
      url,
      (text: string) => text.replace('- incoming-webhook', '- incoming-webhook\n      - chat:write'),
      'oauth_config.scopes.bot',
    ],
    [
      'socket mode, in which Slack posts nothing',
      url,
      (text: string) => text.replace('socket_mode_enabled: false', 'socket_mode_enabled: true'),
      'settings.socket_mode_enabled',
    ],
    ['a misspelt key', url, (text: string) => text.replace('should_escape', 'shouldescape'), 'shouldescape'],
  ])('is refused with %s', (_, given, change, problem) => {
    expect(() => withRequestUrl(change(manifest), given)).toThrow(problem)
  })
})
