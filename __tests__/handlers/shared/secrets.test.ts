import type { SSMClient } from '@aws-sdk/client-ssm'
import { describe, expect, it } from 'vitest'
import { createSecretReader, readSecret } from '../../../handlers/shared/secrets.ts'
import { rejectionOf } from '../factories.ts'

/** A Parameter Store that counts, with a clock that the test moves. */
const aStore = (values: Record<string, string | undefined>) => {
  const reads: { names: readonly string[]; signal: AbortSignal | undefined; decrypted: boolean }[] = []
  let clock = 1_000_000
  const send = (command: { input: { Names: string[]; WithDecryption: boolean } }, options: { abortSignal?: AbortSignal } = {}) => {
    reads.push({ names: command.input.Names, signal: options.abortSignal, decrypted: command.input.WithDecryption })
    return Promise.resolve({
      Parameters: command.input.Names.flatMap((Name) => (values[Name] === undefined ? [] : [{ Name, Value: values[Name] }])),
    })
  }
  const read = createSecretReader({ send } as unknown as Pick<SSMClient, 'send'>, () => clock)
  return {
    read,
    reads,
    values,
    pass: (ms: number) => {
      clock += ms
    },
  }
}

describe('the secret reader', () => {
  it('reads all names at once, decrypted, and once in five minutes', async () => {
    const store = aStore({ a: '1', b: '2' })
    expect([...(await store.read(['a', 'b']))]).toEqual([
      ['a', '1'],
      ['b', '2'],
    ])
    store.pass(5 * 60_000 - 1)
    await store.read(['a', 'b'])
    expect(store.reads).toEqual([{ names: ['a', 'b'], signal: undefined, decrypted: true }])
  })

  it('sees a rotation after five minutes', async () => {
    const store = aStore({ a: 'old' })
    await store.read(['a'])
    store.values['a'] = 'new'
    expect((await store.read(['a'])).get('a')).toBe('old')
    store.pass(5 * 60_000)
    expect((await store.read(['a'])).get('a')).toBe('new')
    expect(store.reads).toHaveLength(2)
  })

  it('does not ask for an absent parameter on every request, and finds it within 30 s once it is there', async () => {
    const store = aStore({ a: '1' })
    for (let second = 0; second < 29; second += 1) {
      expect((await store.read(['a', 'b'])).has('b')).toBe(false)
      store.pass(1000)
    }
    expect(store.reads).toHaveLength(1)
    store.values['b'] = '2'
    store.pass(1000)
    expect((await store.read(['a', 'b'])).get('b')).toBe('2')
    expect(store.reads.map(({ names }) => names)).toEqual([['a', 'b'], ['b']])
  })

  it.each(['', ' ', '\n'])('takes the value %j for absent', async (value) => {
    expect((await aStore({ a: value }).read(['a'])).has('a')).toBe(false)
  })

  it('drops the line break that people paste with a secret', async () => {
    expect((await aStore({ a: 's3cret\r\n' }).read(['a'])).get('a')).toBe('s3cret')
  })

  it('passes the signal on', async () => {
    const { signal } = new AbortController()
    const store = aStore({ a: '1' })
    await store.read(['a'], signal)
    expect(store.reads[0]?.signal).toBe(signal)
  })

  it('keeps nothing of a read that failed', async () => {
    let failing = true
    const send = () => (failing ? Promise.reject(new Error('down')) : Promise.resolve({ Parameters: [{ Name: 'a', Value: '1' }] }))
    const read = createSecretReader({ send }, () => 0)
    await expect(read(['a'])).rejects.toThrow('down')
    failing = false
    expect((await read(['a'])).get('a')).toBe('1')
  })

  it('rejects with SecretUnavailable, naming the parameter, where one secret is missing', async () => {
    const error = await rejectionOf(readSecret(aStore({}).read, '/acme/token'))
    expect(error.name).toBe('SecretUnavailable')
    expect(error.message).toContain('/acme/token')
  })
})
