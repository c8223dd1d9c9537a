// A WordPress site with a cache plugin, on an instance of the local run.

import { join } from 'node:path'
import type { Site } from './site.ts'

export const fakeWp = { source: 'layers/wordpress/fake-wp', installed: 'usr/local/bin/wp' }

/** A layer's kind is the name of its plugin. */
export const siteFiles = (layers: readonly (Site & { readonly kind: string })[]): Record<string, string> =>
  Object.fromEntries(
    layers.flatMap(({ sitePath, wpPath = sitePath, kind }) => [
      [join(wpPath, 'wp-config.php'), '<?php\n'],
      [join(sitePath, 'wp-content/plugins', kind, `${kind}.php`), '<?php\n'],
      [join(sitePath, 'wp-content/uploads/2026/holiday photo.jpg'), 'must survive every purge\n'],
    ]),
  )
