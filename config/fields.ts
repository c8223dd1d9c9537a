// What several parts of the schema are made of.

import * as z from 'zod'

export const matching = (pattern: RegExp, example: string) =>
  z.string().regex(pattern, { error: ({ input }) => `${JSON.stringify(input)} does not look like ${example}` })

/** Cross-field rules must run beside errors elsewhere in the value, so that one run reports them all; they check what they read. */
export const evenBesideOtherErrors = { when: () => true }

export const Hostname = matching(/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, 'a host name in lower case (www.example.com)')
