import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { html, type LayerFake, pages } from '../fake.ts'
import { fakeWp, siteFiles } from '../wordpress/fake.ts'
import type * as z from 'zod'
import { w3CachePath, type w3TotalCache } from './layer.ts'

const digest = (page: string): string => createHash('md5').update(page).digest('hex')

/** As W3 Total Cache writes it; its extensions stand in extensions.active. */
const settings = `<?php exit; ?>${JSON.stringify({ version: '2.8.13', 'pgcache.enabled': true, 'extensions.active': {} }, null, 4)}`

export const w3TotalCacheFake: LayerFake<z.infer<typeof w3TotalCache.schema>> = {
  example: { kind: 'w3-total-cache', sitePath: '/var/www/portal', runAs: 'www-data' },
  programs: [fakeWp],
  files: (layers) => ({
    ...siteFiles(layers),
    ...Object.fromEntries(layers.map(({ sitePath }) => [join(sitePath, 'wp-content/w3tc-config/master.php'), settings])),
  }),
  cachePath: w3CachePath,
  cached: () =>
    pages.flatMap((page) => [
      [join('page_enhanced/www.example.com', page, '_index_slash_ssl.html'), html(page)],
      [join('page_enhanced/www.example.com', page, '_index_slash_ssl.html_gzip'), html(page).slice(0, 2000)],
      [join('object', digest(page).slice(0, 3), `${digest(page)}.php`), '<?php exit; ?>'.repeat(100)],
    ]),
  users: ({ runAs }) => [runAs],
}
