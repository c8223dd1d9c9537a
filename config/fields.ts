// What several parts of the schema are made of.

import * as z from 'zod'
import { cachePathProblem, pathProblem } from './paths.ts'

export const matching = (pattern: RegExp, example: string) =>
  z.string().regex(pattern, { error: ({ input }) => `${JSON.stringify(input)} does not look like ${example}` })

/** Cross-field rules must run beside errors elsewhere in the value, so that one run reports them all; they check what they read. */
export const evenBesideOtherErrors = { when: () => true }

export const Hostname = matching(
  // Underscores and the xn-- of an international name are rare, and real.
  /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{0,57}[a-z0-9])$/,
  'a host name in lower case (www.example.com)',
)

export const ParameterName = matching(
  /^\/(?!aws\/|ssm\/)[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/,
  'the full name of an SSM parameter (/purgeflow/slack/webhook-url)',
)

export const Id = matching(/^[a-z][a-z0-9-]{0,31}$/, 'an id (lower-case letters, digits and -, at most 32, a letter first)')
/** Every kind of layer may have one. */
export const layerId = { id: Id.optional() }
/** Also john.doe, example.com, Deploy and 1234abc; only digits would be a number of a user, not a name. */
export const unixUser = matching(/^(?=.{1,32}$)[0-9]*[A-Za-z_][A-Za-z0-9_.-]*$/, 'a Unix user name (www-data)')

/** What WP-CLI takes as --url, without what a shell or a log line could take for something else. */
export const siteUrl = matching(
  /^(?=.{1,300}$)https?:\/\/[A-Za-z0-9.-]+(:[0-9]{1,5})?(\/[A-Za-z0-9._~%-]+)*\/?$/,
  'the URL of a site, without a query (https://www.example.com/shop/)',
)

const checked = (problem: (value: string) => string | undefined) =>
  z.string().superRefine((value, context) => {
    const message = problem(value)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })

export const pathOnInstance = checked(pathProblem)
export const cachePathOnInstance = checked(cachePathProblem)
