import { describe, expect, it } from 'vitest'
import { decide } from '../../../handlers/slack-command/core.ts'
import { readArguments } from '../../../handlers/slack-command/arguments.ts'
import { aConfig } from '../../config/a-config.ts'

const decided = (text: string, changes: Record<string, string> = {}) =>
  decide({ command: '/clear-cache', text, trigger_id: '1.2.3', channel_id: 'C0123456789', user_id: 'U2CERLKJA', ...changes }, aConfig())

describe('--dry-run', () => {
  it.each([
    'portal --dry-run',
    '--dry-run portal',
    'PORTAL --Dry-Run',
    '  portal\t--DRY-RUN\n',
    'portal —dry-run',
    '–dry-run portal',
    '--dry-run portal --dry-run',
  ])('as in %j starts an execution that deletes nothing', (text) => {
    const decision = decided(text)
    expect(decision).toMatchObject({
      kind: 'start',
      region: 'us-east-1',
      input: '{"target":"portal","source":"slack","requester":"U2CERLKJA","dryRun":true}',
    })
    if (decision.kind !== 'start') return
    expect(decision.executionName).toMatch(/^slack-portal-[0-9a-f]{32}$/)
    expect(decision.reply).toEqual({
      response_type: 'in_channel',
      text: '<@U2CERLKJA> asks for a dry run of *TD Portal*: W3 Total Cache → FastCGI → Cloudflare. Nothing will be deleted. The plan and the findings follow.',
    })
    expect(decision.failureReply.text).toMatch(
      /did not confirm that the dry run of TD Portal started.*send `\/clear-cache portal --dry-run` again/,
    )
  })

  it.each(['portal --dryrun', 'portal --force', 'portal -n', '--dry-run=no portal', 'portal -', 'portal ---dry-run', '-', '--'])(
    'is not what %j says, so nothing starts, not even a purge',
    (text) => {
      const decision = decided(text)
      expect(decision).toMatchObject({ kind: 'answer', reply: { response_type: 'ephemeral' } })
      if (decision.kind === 'answer')
        expect(decision.reply.text).toMatch(/^I know no option "[^"]*", so nothing was started\.\nUsage[^]*`--dry-run`/)
    },
  )

  it.each(['--dry-run', '--help', 'help --dry-run', 'portal --help', '—help portal', '--help portal --dry-run x'])(
    'with %j starts nothing',
    (text) => {
      expect(decided(text).kind).toBe('answer')
    },
  )

  it('asks for the same permission as a purge', () => {
    expect(decided('portal --dry-run', { channel_id: 'C9999999999' })).toMatchObject({
      kind: 'answer',
      reply: { text: expect.stringContaining('This channel may not clear TD Portal') as string },
    })
    expect(decided('main --dry-run')).toMatchObject({
      kind: 'answer',
      reply: { text: expect.stringContaining('not on the list') as string },
    })
  })

  it('stands in the usage', () => {
    expect(decided('help')).toMatchObject({ reply: { text: expect.stringContaining('With `--dry-run` it deletes nothing') as string } })
  })

  it('cannot make an unknown option mention anybody', () => {
    const decision = decided('--<!channel>')
    expect(decision.kind === 'answer' && decision.reply.text).toContain('"--&lt;!channel&gt;"')
  })
})

describe('the arguments of a command', () => {
  it('without a dry run are as they were', () => {
    expect(readArguments('Portal main')).toEqual({ subject: 'portal main', dryRun: false, help: false, unknownOption: undefined })
  })
})
