import { answer, type Command } from './command.ts'

export const help: Command = {
  usage: ({ slash }) => `\`${slash} help\` says this.`,
  run: ({ usage }) => answer(usage),
}
