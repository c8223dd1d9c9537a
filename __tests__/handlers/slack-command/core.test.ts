import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commandWords } from '../../../config/command-words.ts'
import type { Decision } from '../../../handlers/slack-command/commands/command.ts'
import { decide } from '../../../handlers/slack-command/core.ts'
import type { SlashCommand } from '../../../handlers/slack-command/schema.ts'
import { aConfig, aTarget } from '../../config/a-config.ts'

const aCommand = (changes: Partial<SlashCommand> = {}): SlashCommand => ({
  command: '/clear-cache',
  text: 'portal',
  trigger_id: '398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  channel_id: 'C0123456789',
  user_id: 'U2CERLKJA',
  ...changes,
})

const answerTo = (changes: Partial<SlashCommand>, config = aConfig()): string => {
  const decision = decide(aCommand(changes), config)
  if (decision.kind !== 'answer') throw new Error('it started a purge')
  expect(decision.reply.response_type).toBe('ephemeral')
  return decision.reply.text
}

const startOf = (changes: Partial<SlashCommand> = {}, config = aConfig()): Extract<Decision, { kind: 'start' }> => {
  const decision = decide(aCommand(changes), config)
  if (decision.kind !== 'start') throw new Error(`it answered ${decision.reply.text}`)
  return decision
}

describe('a slash command', () => {
  it.each(['', '   ', 'help', 'HELP', ' Help\t'])('with the text %j gets the usage with every target and its order', (text) => {
    const answer = answerTo({ text })
    expect(answer).toContain('Usage: `/clear-cache <target>`')
    expect(answer).toContain('• `portal` TD Portal: W3 Total Cache → FastCGI → Cloudflare')
    expect(answer).toContain('• `main` TD Main Site: WP Rocket')
  })

  it.each(['list', ' LIST\n'])('with the text %j gets the targets alone', (text) => {
    expect(answerTo({ text })).toMatch(/^• `portal` TD Portal: [^\n]*\n• `main` TD Main Site: [^\n]*$/)
  })

  it.each(commandWords)('explains its word %s in the usage', (word) => {
    expect(answerTo({ text: 'help' })).toContain(`\`/clear-cache ${word}\``)
  })

  it.each(['portal', ' portal ', 'Portal', 'PORTAL\n', '\tpOrTaL'])('with the text %j starts the purge of portal', (text) => {
    expect(startOf({ text })).toMatchObject({ region: 'us-east-1', input: '{"target":"portal","source":"slack","requester":"U2CERLKJA"}' })
  })

  it('starts the purge in the region of its target', () => {
    expect(startOf({ text: 'main', user_id: 'U0000000001' }).region).toBe('eu-west-1')
  })

  it.each(['protal', 'portal nope', 'portal;main', '*', '__proto__', 'constructor', 'help me'])(
    'with the text %j gets the list of targets, and nothing starts',
    (text) => {
      const answer = answerTo({ text })
      expect(answer).toContain(`"${text}"`)
      expect(answer).toMatch(/nothing was started/)
      expect(answer).toContain('`portal`')
      expect(answer).toContain('`main`')
    },
  )

  it('cannot make us mention anybody', () => {
    const answer = answerTo({ text: '<!channel> & <@U1> <https://evil.example|click>' })
    expect(answer).toContain('&lt;!channel&gt; &amp; &lt;@U1&gt;')
    expect(answer.replaceAll('<target>', '')).not.toMatch(/<[!@#h]/)
  })

  it('of 10,000 characters gets an answer that Slack can show', () => {
    expect(answerTo({ text: '<'.repeat(10_000) }).length).toBeLessThan(1000)
  })

  it('from another channel is sent to the right one', () => {
    expect(answerTo({ channel_id: 'C9999999999' })).toBe('This channel may not clear TD Portal. Use <#C0123456789>. Nothing was started.')
    expect(answerTo({ text: 'main', channel_id: 'D0000000001' })).toContain('Use <#C0123456789> or <#C0000000002>.')
  })

  it('from somebody who is not on the list is refused, in the right channel too', () => {
    expect(answerTo({ text: 'main' })).toMatch(/not on the list .* TD Main Site.* U2CERLKJA .*Nothing was started/)
  })

  it('may come from anybody where there is no list', () => {
    expect(startOf({ user_id: 'W00000009' }).kind).toBe('start')
  })
})

describe('a command for several targets', () => {
  const config = aConfig({ groups: { all: ['portal', 'main'] } })
  const ann = { user_id: 'U0000000001' }

  it.each(['all', 'portal main', ' Portal  MAIN '])('with the text %j starts one execution, in the region of the first', (text) => {
    const { region, input, executionName, reply } = startOf({ ...ann, text }, config)
    const target = text.trim().toLowerCase().replace(/ +/g, ' ')
    expect({ region, input }).toEqual({ region: 'us-east-1', input: JSON.stringify({ target, source: 'slack', requester: 'U0000000001' }) })
    expect(executionName).toMatch(/^slack-group-[0-9a-f]{32}$/)
    expect(reply.text).toBe(
      '<@U0000000001> is clearing the caches of 2 targets side by side: *TD Portal*, *TD Main Site*. The result follows.',
    )
  })

  it('starts nothing where one of them is not allowed', () => {
    expect(answerTo({ text: 'all' }, config)).toMatch(/not on the list .* TD Main Site.*Nothing was started/)
    expect(answerTo({ ...ann, text: 'portal main', channel_id: 'C0000000002' }, config)).toMatch(
      /may not clear TD Portal.*Nothing was started/,
    )
  })

  it('is in the list', () => {
    expect(answerTo({ text: 'list' }, config)).toContain('• `all` for `portal`, `main`')
  })
})

describe('the answer to an accepted command', () => {
  it('names target, layers in order and requester to the whole channel', () => {
    expect(startOf().reply).toEqual({
      response_type: 'in_channel',
      text: '<@U2CERLKJA> is clearing the caches of *TD Portal*: W3 Total Cache → FastCGI → Cloudflare. The result follows.',
    })
  })

  it('does not claim that anything is cleared or started when AWS does not confirm it', () => {
    const { failureReply } = startOf()
    expect(failureReply.response_type).toBe('ephemeral')
    expect(failureReply.text).toMatch(/did not confirm .* TD Portal .*send `\/clear-cache portal` again/)
  })

  it('escapes the label of a target', () => {
    const config = aConfig({ targets: [aTarget({ label: 'R&D <!here>' })] })
    expect(startOf({}, config).reply.text).toContain('*R&amp;D &lt;!here&gt;*')
    expect(startOf({}, config).failureReply.text).toContain('R&amp;D &lt;!here&gt;')
  })

  it('tells layers of one kind apart by their ids', () => {
    const layers = ['pages', 'feeds'].map((id) => ({ kind: 'nginx-fastcgi' as const, id, cachePath: `/var/cache/nginx/${id}` }))
    expect(startOf({}, aConfig({ targets: [aTarget({ layers })] })).reply.text).toContain('FastCGI (pages) → FastCGI (feeds)')
  })
})

describe('the name of an execution', () => {
  it('is the same for every delivery of one command, whatever else differs', () => {
    expect(startOf({ user_id: 'U00000001', text: ' PORTAL ' }).executionName).toBe(startOf().executionName)
  })

  it('differs for another trigger and for another target', () => {
    const names = [startOf(), startOf({ trigger_id: '1.2.3' }), startOf({ text: 'main', user_id: 'U0000000001' })].map(
      ({ executionName }) => executionName,
    )
    expect(new Set(names).size).toBe(3)
  })

  it('is legal for the longest id and any trigger', () => {
    const id = `a${'-b'.repeat(15)}c`
    expect(id).toHaveLength(32)
    const config = aConfig({ targets: [aTarget({ id })] })
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (trigger_id) => {
        expect(startOf({ text: id, trigger_id }, config).executionName).toMatch(/^[0-9A-Za-z_-]{1,80}$/)
      }),
    )
  })
})
