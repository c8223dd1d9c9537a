import { parseArgs, type ParseArgsConfig } from 'node:util'

/** Like parseArgs; a mistyped flag prints what is wrong and the usage, and ends the program with code 2. */
export const readArguments = <T extends ParseArgsConfig>(config: T, usage: string): ReturnType<typeof parseArgs<T>> => {
  try {
    return parseArgs(config)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    console.error(`${error.message.split('. ')[0]}.\n\n${usage}`)
    process.exit(2)
  }
}
