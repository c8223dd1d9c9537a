// `npm run secrets`: asks for each secret that is missing, without echo, and puts it into Parameter Store. No secret is an argument
// of a process, a line of a shell's history or a word on the screen.

import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { ConfigError } from '../config/config-error.ts'
import { readConfig } from '../config/read.ts'
import { reasonOf } from './doctor/finding.ts'
import { neededSecrets, readParameters, type Secret, secretProblem } from './doctor/parameters.ts'
import { readArguments } from './read-arguments.ts'

const usage = `npm run secrets -- [--replace NAME] [--config FILE]
  --replace NAME  asks for this one, though it has a value
  --config FILE   another config than config/targets.ts
Answers are read from the terminal without echo, or one a line from the standard input.`

const { values } = readArguments(
  { options: { replace: { type: 'string' }, config: { type: 'string' }, help: { type: 'boolean', default: false } } },
  usage,
)

/** Lines without echo: readline's own output, which would repeat what is typed, goes nowhere. */
const openAnswers = (): { next: () => Promise<string | undefined>; close: () => void } => {
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done()
    },
  })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: process.stdin.isTTY })
  const iterator = lines[Symbol.asyncIterator]()
  return {
    next: async () => {
      const line = await iterator.next()
      return line.done === true ? undefined : line.value
    },
    close: () => {
      lines.close()
    },
  }
}

const mostTries = 3

const ask = async (secret: Secret, next: () => Promise<string | undefined>): Promise<string | undefined> => {
  for (let tries = 0; tries < mostTries; tries += 1) {
    process.stderr.write(`${secret.name}\n  ${secret.from}\n  value (not shown, empty to skip): `)
    const answer = (await next())?.trim()
    process.stderr.write('\n')
    if (answer === undefined || answer === '') return undefined
    const odd = secretProblem(secret, answer)
    if (odd === undefined) return answer
    console.error(`  That ${odd}.`)
  }
  return undefined
}

const run = async (): Promise<void> => {
  const { config } = await readConfig(values.config)
  const client = new SSMClient({ region: config.homeRegion })
  const needed = neededSecrets(config)
  if (values.replace !== undefined && !needed.some(({ name }) => name === values.replace))
    throw new ConfigError(`The config names no parameter ${values.replace}: it names ${needed.map(({ name }) => name).join(', ')}`)
  const stored = await readParameters(
    client,
    needed.map(({ name }) => name),
  ).catch((error: unknown) => {
    throw new ConfigError(`AWS does not answer with these credentials (${reasonOf(error)}): set AWS_PROFILE, or run aws configure sso`)
  })
  const wanted = needed.filter(({ name }) => (values.replace === undefined ? !stored.has(name) : name === values.replace))
  if (wanted.length === 0) console.log(`All ${needed.length} parameters have a value in ${config.homeRegion}.`)
  const answers = openAnswers()
  try {
    for (const secret of wanted) {
      const value = await ask(secret, answers.next)
      if (value === undefined) {
        console.log(`${secret.name} was left as it is.`)
        process.exitCode = 1
        continue
      }
      await client.send(
        new PutParameterCommand({
          Name: secret.name,
          Value: value,
          Type: 'SecureString',
          Overwrite: values.replace !== undefined,
          ...(config.kmsKeyArn !== undefined && { KeyId: config.kmsKeyArn }),
        }),
      )
      console.log(`${secret.name} is stored.`)
    }
  } finally {
    answers.close()
  }
}

if (values.help) console.log(usage)
else {
  try {
    await run()
  } catch (error) {
    console.error(error instanceof ConfigError ? error.message : reasonOf(error))
    process.exitCode = 1
  }
}
