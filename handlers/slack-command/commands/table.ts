import type { CommandWord } from '../../../config/command-words.ts'
import type { Command } from './command.ts'
import { help } from './help.ts'
import { list } from './list.ts'

/** By its word, which the compiler holds to those that the config keeps from being a target's id. */
export const commands: Readonly<Record<CommandWord, Command>> = { help, list }
