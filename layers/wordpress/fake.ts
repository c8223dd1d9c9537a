// A WordPress site with a cache plugin, on an instance of the local run.

import { join } from 'node:path'

export const siteFiles = (sitePath: string, plugin: string): Record<string, string> => ({
  [join(sitePath, 'wp-config.php')]: '<?php\n',
  [join(sitePath, 'wp-content/plugins', plugin, `${plugin}.php`)]: '<?php\n',
  [join(sitePath, 'wp-content/uploads/2026/holiday photo.jpg')]: 'must survive every purge\n',
})
