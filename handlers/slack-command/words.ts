// Splits what somebody typed after the command into a target and options.

export interface Words {
  /** In lower case; empty where there is none. */
  readonly target: string
  readonly dryRun: boolean
  /** Whether they ask how it works, beside whatever else they typed. */
  readonly help: boolean
  /** The first option that we do not know, as it was typed. */
  readonly unknownOption: string | undefined
}

/** Some keyboards make a dash of two hyphens. */
const asTyped = (word: string): string => word.toLowerCase().replace(/^[\u2013\u2014\u2212]/, '--')

export const readWords = (text: string): Words => {
  const words = text.split(/\s+/).filter((word) => word !== '')
  const isOption = (word: string): boolean => asTyped(word).startsWith('-')
  const target = words
    .filter((word) => !isOption(word))
    .join(' ')
    .toLowerCase()
  return {
    target,
    help: target === '' || target === 'help' || words.some((word) => asTyped(word) === '--help'),
    dryRun: words.some((word) => asTyped(word) === '--dry-run'),
    unknownOption: words.find((word) => isOption(word) && !['--dry-run', '--help'].includes(asTyped(word))),
  }
}
