/**
 * The SSM command documents, one a folder. The deployed name is the configured prefix and `name`: "TD-" + "PurgeW3".
 * `shared` lists the files of shared/ that come before the document's run.sh, in order; a document gets only what it uses.
 */
export const documents = {
  'purge-w3': { name: 'PurgeW3', shared: ['script', 'paths', 'measure', 'wp'] },
  'purge-fastcgi': { name: 'PurgeFastCGI', shared: ['script', 'paths', 'measure', 'cache', 'delete', 'nginx'] },
  'purge-wprocket': { name: 'PurgeWPRocket', shared: ['script', 'paths', 'measure', 'cache', 'delete', 'wp'] },
  'probe-origin': { name: 'ProbeOrigin', shared: ['script', 'paths'] },
  'inspect-nginx': { name: 'InspectNginx', shared: ['script', 'paths', 'measure', 'cache', 'nginx', 'inspect'] },
  'inspect-wordpress': { name: 'InspectWordPress', shared: ['script', 'paths', 'measure', 'cache', 'wp', 'inspect'] },
} as const

export type DocumentId = keyof typeof documents
