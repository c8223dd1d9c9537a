import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../config/load.ts'
import { checkConfig } from '../../config/read.ts'
import shipped from '../targets.ts'
import { aConfigInput, aTarget, errorsOf } from './a-config.ts'

type Json = Record<string, unknown>

const valid = aConfigInput({ tags: { Team: 'web' } })

/** The valid config with one value replaced, or with one key more. */
const withValue = (path: readonly (string | number)[], value: unknown): unknown => {
  const copy: unknown = structuredClone(valid)
  let at = copy as Json
  for (const key of path.slice(0, -1)) at = at[key] as Json
  at[path.at(-1)!] = value
  return copy
}

const everyPath = (node: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] =>
  typeof node === 'object' && node !== null
    ? Object.entries(node).flatMap(([key, value]) => {
        const here = [...path, Array.isArray(node) ? Number(key) : key]
        return [here, ...everyPath(value, here)]
      })
    : []

const objectPaths = everyPath(valid).filter((path) => {
  // Tags are the one place where any key is right.
  if (path[0] === 'tags') return false
  let at: unknown = valid
  for (const key of path) at = (at as Json)[key]
  return typeof at === 'object' && at !== null && !Array.isArray(at)
})

const written = (path: readonly (string | number)[]): string =>
  path
    .map((key, index) => (typeof key === 'number' ? (index === 1 ? `.${['portal', 'main'][key]}` : `[${key}]`) : `.${key}`))
    .join('')
    .slice(1)

describe('the shipped config', () => {
  it('is valid', () => {
    expect(errorsOf(shipped)).toEqual([])
  })
})

describe('a valid config', () => {
  it('gets its defaults filled in', () => {
    const { tags, logRetentionDays, commands, targets } = loadConfig(aConfigInput())
    expect({ tags, logRetentionDays, commands }).toEqual({
      tags: {},
      logRetentionDays: 30,
      commands: { documentPrefix: 'TD-', deliveryTimeoutSeconds: 60, executionTimeoutSeconds: 300, pollSeconds: 30 },
    })
    expect(targets[0]?.edge).toMatchObject({ plan: 'free', batchSize: 100 })
    expect(targets[0]?.layers[1]).toMatchObject({ nginxPidFile: '/run/nginx.pid' })
  })

  it('is not changed by loading it', () => {
    const input = aConfigInput()
    loadConfig(input)
    expect(input).toEqual(aConfigInput())
  })
})

describe('an error', () => {
  it('is one of many: all of them are reported at once, each with its path', () => {
    const input = aConfigInput()
    const raw = {
      ...input,
      name: 'Acme!',
      homeRegion: 'virginia',
      tags: { Team: 7 },
      logRetentionDays: 31,
      surprise: true,
      slack: { signingSecretParameter: 'signing-secret', webhookParameter: '/aws/reserved', url: 'https://hooks.slack.com/x' },
      commands: { documentPrefix: '', deliveryTimeoutSeconds: 29, executionTimeoutSeconds: 901, pollSeconds: 0.5 },
      targets: [
        {
          ...aTarget({ label: '   ' }),
          layers: [
            { kind: 'nginx-fastcgi', cachePath: '/' },
            { kind: 'w3-total-cache', sitePath: 'var/www', runAs: 'root; id' },
            { kind: 'opcache' },
          ],
          edge: {
            zoneId: 'XYZ',
            purge: { what: 'files', files: ['ftp://example.com/'] },
            credentials: { kind: 'password' },
            batchSize: 101,
          },
          instances: { ids: ['web-1'] },
          allow: { channelIds: ['#general'], userIds: [] },
          probes: { urls: [] },
        },
        { ...aTarget(), region: 'us-east1' },
        'main',
      ],
    }
    const paths = errorsOf(raw).map((line) => line.split(': ')[0])
    expect(new Set(paths)).toEqual(
      new Set([
        'name',
        'homeRegion',
        'tags.Team',
        'logRetentionDays',
        'surprise',
        'slack.signingSecretParameter',
        'slack.webhookParameter',
        'slack.url',
        'commands.documentPrefix',
        'commands.deliveryTimeoutSeconds',
        'commands.executionTimeoutSeconds',
        'commands.pollSeconds',
        'targets[0].label',
        'targets[0].layers[0].cachePath',
        'targets[0].layers[1].sitePath',
        'targets[0].layers[1].runAs',
        'targets[0].layers[1]',
        'targets[0].layers[2].kind',
        'targets[0].edge.zoneId',
        'targets[0].edge.purge.files[0]',
        'targets[0].edge.credentials.kind',
        'targets[0].edge.batchSize',
        'targets[0].instances.ids[0]',
        'targets[0].allow.channelIds[0]',
        'targets[0].allow.userIds',
        'targets[0].probes.urls',
        'targets[1].region',
        'targets[2]',
        'targets',
      ]),
    )
  })

  it('names the file to open and counts one error as one', () => {
    expect(() => checkConfig(aConfigInput({ name: 'X' }), 'my/config.ts')).toThrow(/^my\/config\.ts has 1 error:\n {2}name: /)
  })

  it('counts two errors in the plural', () => {
    expect(() => checkConfig(aConfigInput({ name: 'X', homeRegion: 'x' }), 'a.ts')).toThrow(/^a\.ts has 2 errors:\n/)
  })

  it.each([undefined, null, 'portal', 3, [], true])('is about the whole file when that is %j', (raw) => {
    expect(errorsOf(raw)).toEqual([expect.stringMatching(/^\(the whole file\): /)])
  })

  it('names every key that an empty file lacks', () => {
    expect(errorsOf({}).map((line) => line.split(':')[0])).toEqual(['name', 'homeRegion', 'slack', 'commands', 'targets'])
  })

  it.each(objectPaths.map((path) => ({ path, where: written(path) })))('names an unknown key in $where', ({ path, where }) => {
    expect(errorsOf(withValue([...path, 'retries'], 3))).toContainEqual(
      expect.stringMatching(new RegExp(`^${where.replace(/[[\].]/g, '\\$&')}\\.retries: is not known here: (did you mean|known are) `)),
    )
  })

  const oddValues = [undefined, null, 3, -1, 'x', '', [], {}, true, [null], [[]], { kind: 'nginx-fastcgi' }, { what: 'files' }]

  it.each(everyPath(valid).map((path) => ({ path, where: written(path) })))(
    'is a list of errors, not a crash, for any odd value of $where',
    ({ path }) => {
      for (const value of oddValues) {
        for (const line of errorsOf(withValue(path, value))) expect(line).toMatch(/^(\(the whole file\)|[\w.[\]-]+): \S/)
      }
    },
  )
})
