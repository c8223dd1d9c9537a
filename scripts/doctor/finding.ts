/** What one check saw. A problem makes `npm run doctor` end with 1; a warning does not. */
export interface CheckResult {
  readonly level: 'ok' | 'warning' | 'problem'
  readonly subject: string
  /** What was seen and, where it is not well, what to do. */
  readonly said: string
}

export const ok = (subject: string, said: string): CheckResult => ({ level: 'ok', subject, said })
export const warning = (subject: string, said: string): CheckResult => ({ level: 'warning', subject, said })
export const problem = (subject: string, said: string): CheckResult => ({ level: 'problem', subject, said })

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
