/**
 * The SSM command documents, one a folder. The deployed name is the configured prefix and `name`: "TD-" + "PurgeW3".
 * `shared` lists the files of shared/ that come before the document's run.sh, in order; a document gets only what it uses.
 */
export const documents = {
  'purge-w3': { name: 'PurgeW3', shared: ['script', 'paths', 'measure', 'wp'] },
  'purge-fastcgi': { name: 'PurgeFastCGI', shared: ['script', 'paths', 'measure', 'delete'] },
  'purge-wprocket': { name: 'PurgeWPRocket', shared: ['script', 'paths', 'measure', 'delete', 'wp'] },
  'probe-origin': { name: 'ProbeOrigin', shared: ['script', 'paths'] },
} as const

export type DocumentId = keyof typeof documents
