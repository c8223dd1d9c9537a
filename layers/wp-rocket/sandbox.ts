import { join } from 'node:path'
import type { Layer } from '../kinds.ts'
import { html, type LayerSandbox, pages } from '../sandbox.ts'
import { siteFiles } from '../wordpress/sandbox.ts'

export const wpRocketSandbox: LayerSandbox<Extract<Layer, { kind: 'wp-rocket' }>> = {
  files: ({ sitePath, kind }) => siteFiles(sitePath, kind),
  cached: () =>
    pages.flatMap((page) => [
      [join('www.example.com', page, 'index-https.html'), html(page)],
      [join('www.example.com', page, 'index-https.html_gzip'), html(page).slice(0, 2000)],
    ]),
  users: ({ runAs }) => [runAs],
}
