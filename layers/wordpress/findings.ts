// What a look at one WordPress site and its cache plugin means for a purge. No I/O.

import * as z from 'zod'
import { finding, type Finding, judging } from '../finding.ts'
import { WordPressFacts } from './facts.ts'

export interface WordPressLayer {
  readonly plugin: 'w3-total-cache' | 'wp-rocket'
  readonly sitePath: string
  /** Where WordPress itself is; often the same. */
  readonly wpPath: string
  readonly cachePath: string
  readonly runAs: string
}

const names = { 'w3-total-cache': 'W3 Total Cache', 'wp-rocket': 'WP Rocket' } as const

/** Without W3 Total Cache's own command nothing is purged; WP Rocket's directory is emptied all the same. */
const consequence = ({ plugin, cachePath }: WordPressLayer): { readonly level: 'problem' | 'warning'; readonly words: string } =>
  plugin === 'w3-total-cache'
    ? { level: 'problem', words: 'a purge would fail' }
    : { level: 'warning', words: `a purge would only empty ${cachePath}, without WP Rocket's hooks` }

const inWpCli = ({ wp, problem, active, command }: WordPressFacts, layer: WordPressLayer): Finding[] => {
  const { plugin, sitePath, wpPath, runAs } = layer
  const { level, words } = consequence(layer)
  switch (wp) {
    case 'no-user':
      return [finding('problem', `wp cannot run as ${runAs}: ${problem}. Correct runAs`)]
    case 'missing':
      return [finding(level, `wp is not on the PATH, so ${words}. Install WP-CLI (https://wp-cli.org)`)]
    case 'failed':
      return [
        finding(
          level,
          `wp does not work in ${wpPath}, so ${words}: ${problem || 'it says nothing'}. Is ${wpPath === sitePath ? 'sitePath' : 'wpPath'} right? Run wp core is-installed there as ${runAs}`,
        ),
      ]
    case 'unasked':
      return []
    case 'answers':
      if (!active)
        return [
          finding(
            level,
            `${names[plugin]} is not active in this site, so ${words}. Activate it, or take this layer out of the configuration`,
          ),
        ]
      if (plugin === 'wp-rocket' && !command)
        return [finding('warning', `there is no wp rocket command, so ${words}. Install it: wp package install wp-media/wp-rocket-cli`)]
      return [finding('ok', `WP-CLI answers as ${runAs}, and ${names[plugin]} is active`)]
  }
}

const tooEarly =
  'it purges Cloudflare before the layers outside WordPress are clean, which then refills with the old copy, and it spends the same rate limit'

const addOn = ({ edge }: WordPressFacts): Finding[] => {
  switch (edge) {
    case 'none':
      return []
    case 'unknown':
      return [
        finding(
          'warning',
          'the settings of W3 Total Cache are not in wp-content/w3tc-config/master.php. See under Performance > Extensions that its Cloudflare extension is off',
        ),
      ]
    case 'w3tc-extension':
      return [
        finding('warning', `W3 Total Cache's Cloudflare extension is active: ${tooEarly}. Deactivate it under Performance > Extensions`),
      ]
    case 'rocket-add-on':
      return [finding('warning', `WP Rocket's Cloudflare add-on is on: ${tooEarly}. Switch it off under Settings > WP Rocket > Add-ons`)]
    case 'cloudflare-plugin':
      return [
        finding(
          'warning',
          `the Cloudflare plugin purges whenever WP Rocket clears its cache: ${tooEarly}. Switch its automatic cache management and APO off, or deactivate it`,
        ),
      ]
  }
}

const inTheCache = ({ directory, reason, locked }: WordPressFacts, { plugin, cachePath, runAs }: WordPressLayer): Finding[] => {
  if (locked > 0) {
    return [
      finding(
        'problem',
        `${runAs} may delete nothing in ${locked} of the page cache's directories, where W3 Total Cache reports success all the same. Change the owner of ${cachePath}/page_enhanced`,
      ),
    ]
  }
  // W3 Total Cache need not keep anything in files.
  if (plugin === 'w3-total-cache' || directory === 'present') return []
  return directory === 'refused'
    ? [finding('problem', `a purge would fail: ${reason}. Correct cachePath`)]
    : [finding('problem', `${cachePath} does not exist. A purge would find nothing and report success: correct cachePath`)]
}

export const judgeWordPress = (facts: WordPressFacts, layer: WordPressLayer): Finding[] => [
  ...(facts.site ? [] : [finding('problem', `sitePath is not a directory, so a purge would fail: ${layer.sitePath}. Correct sitePath`)]),
  ...inWpCli(facts, layer),
  ...addOn(facts),
  ...inTheCache(facts, layer),
]

const InspectParameters = z.object({ SitePath: z.string(), CachePath: z.string(), RunAs: z.string(), WpPath: z.string().optional() })

export const findingsOfPlugin = (plugin: WordPressLayer['plugin']) =>
  judging(WordPressFacts, InspectParameters, (facts, { SitePath, CachePath, RunAs, WpPath = SitePath }) =>
    judgeWordPress(facts, { plugin, sitePath: SitePath, wpPath: WpPath, cachePath: CachePath, runAs: RunAs }),
  )
