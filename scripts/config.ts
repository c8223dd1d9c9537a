// `npm run config`: checks the config; --print shows all of it with its defaults, --schema its JSON schema.

import * as z from 'zod'
import { ConfigError } from '../config/config-error.ts'
import { readConfig } from '../config/read.ts'
import { Config } from '../config/schema.ts'
import { readArguments } from './read-arguments.ts'

const usage = `npm run --silent config -- [--print | --schema] [--config FILE]
  --print        the whole config as JSON, with its defaults
  --schema       the JSON schema of a config.json, for editors: save it and name it in "$schema"
  --config FILE  another config than config/targets.ts`

const { values } = readArguments(
  {
    options: {
      print: { type: 'boolean', default: false },
      schema: { type: 'boolean', default: false },
      config: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  },
  usage,
)

const run = async (): Promise<string> => {
  if (values.help) return usage
  if (values.schema) return JSON.stringify(z.toJSONSchema(Config, { io: 'input' }), null, 2)
  const { config, file } = await readConfig(values.config)
  if (values.print) return JSON.stringify(config, null, 2)
  return `${file} is in order: ${config.targets.map(({ id }) => id).join(', ')}`
}

try {
  console.log(await run())
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error)
  process.exitCode = 1
}
