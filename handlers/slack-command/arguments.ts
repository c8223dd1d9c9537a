// Splits what somebody typed after the slash command into a subject and options.

export interface Arguments {
  /** A word of the table, or a target: in lower case, empty where there is none. */
  readonly subject: string
  readonly dryRun: boolean
  /** Whether they ask how it works, beside whatever else they typed. */
  readonly help: boolean
  /** The first option that we do not know, as it was typed. */
  readonly unknownOption: string | undefined
}

/** Some keyboards make a dash of two hyphens. */
const asTyped = (part: string): string => part.toLowerCase().replace(/^[\u2013\u2014\u2212]/, '--')
const isOption = (part: string): boolean => asTyped(part).startsWith('-')

export const readArguments = (text: string): Arguments => {
  const parts = text.split(/\s+/).filter((part) => part !== '')
  return {
    subject: parts
      .filter((part) => !isOption(part))
      .join(' ')
      .toLowerCase(),
    help: parts.some((part) => asTyped(part) === '--help'),
    dryRun: parts.some((part) => asTyped(part) === '--dry-run'),
    unknownOption: parts.find((part) => isOption(part) && !['--dry-run', '--help'].includes(asTyped(part))),
  }
}
