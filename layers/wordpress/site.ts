// What both WordPress kinds need to know of a site.

import { pathOnInstance, siteUrl, unixUser } from '../../config/fields.ts'

export const siteFields = {
  sitePath: pathOnInstance,
  runAs: unixUser,
  /** Where WordPress itself is, if that is not sitePath: web/wp of Bedrock. */
  wpPath: pathOnInstance.optional(),
  /** Which site of a network. */
  wpUrl: siteUrl.optional(),
}

export interface Site {
  readonly sitePath: string
  readonly runAs: string
  readonly wpPath?: string | undefined
  readonly wpUrl?: string | undefined
}

export const siteParameters = ({ sitePath, runAs, wpPath, wpUrl }: Site) => ({
  SitePath: sitePath,
  RunAs: runAs,
  WpPath: wpPath ?? sitePath,
  WpUrl: wpUrl ?? '-',
})

/** `wp rocket clean in /var/www/main as www-data` */
export const describeWp = (command: string, { sitePath, runAs, wpPath, wpUrl }: Site): string =>
  `wp ${command} in ${wpPath ?? sitePath} as ${runAs}${wpUrl === undefined ? '' : ` for ${wpUrl}`}`
