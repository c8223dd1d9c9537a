import { join } from 'node:path'
import { html, type LayerFake, pages } from '../fake.ts'
import { fakeWp, siteFiles } from '../wordpress/fake.ts'
import type * as z from 'zod'
import type { wpRocket } from './layer.ts'

export const wpRocketFake: LayerFake<z.infer<typeof wpRocket.schema>> = {
  example: {
    kind: 'wp-rocket',
    sitePath: '/var/www/main',
    wpPath: '/var/www/main/web/wp',
    wpUrl: 'https://www.example.com/',
    cachePath: '/var/www/main/wp-content/cache/wp-rocket',
    runAs: 'www-data',
  },
  programs: [fakeWp],
  files: siteFiles,
  cachePath: ({ cachePath }) => cachePath,
  cached: () =>
    pages.flatMap((page) => [
      [join('www.example.com', page, 'index-https.html'), html(page)],
      [join('www.example.com', page, 'index-https.html_gzip'), html(page).slice(0, 2000)],
    ]),
  users: ({ runAs }) => [runAs],
}
