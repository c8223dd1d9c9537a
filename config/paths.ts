// What a path in the config may look like. The scripts in ssm/ apply the same rule again to what they receive, with the same lists.

/** maxChars of the paths in ssm/, which Send Command enforces. */
const maxLength = 512

const segments = /^(\/\.?[A-Za-z0-9_-][A-Za-z0-9._ @+=:,~-]*)+$/

/**
 * Directories of the whole system or of everybody. No cache lies in one of them itself, and to look through one can take hours.
 * What lies below is fine: a script deletes only what is a cache entry by its own shape. ssm/render.ts hands both lists to the scripts.
 */
export const wholeDirectories = [
  ...['/', '/bin', '/boot', '/etc', '/home', '/lib', '/lib32', '/lib64', '/opt', '/private', '/root', '/run', '/sbin', '/srv', '/tmp'],
  ...['/usr', '/usr/bin', '/usr/lib', '/usr/lib32', '/usr/lib64', '/usr/local', '/usr/sbin', '/usr/share'],
  ...['/var', '/var/cache', '/var/lib', '/var/log', '/var/run', '/var/spool', '/var/tmp', '/var/www'],
  ...['/Applications', '/Library', '/System', '/Users', '/Volumes'],
]
/** The kernel's own, with all that lies below; /dev/shm is memory, and people keep caches there. */
export const kernelDirectories = ['/dev', '/proc', '/sys']
const memory = '/dev/shm'

const isWithin = (path: string, directory: string): boolean => `${path}/`.startsWith(`${directory}/`)

const isSystemDirectory = (path: string): boolean =>
  wholeDirectories.includes(path) || (!isWithin(path, memory) && kernelDirectories.some((directory) => isWithin(path, directory)))

const shapeProblem = (path: string): string | undefined => {
  if (!path.startsWith('/')) return 'must be absolute (start with /)'
  if (path === '/') return 'must not be the root directory'
  const parts = path.slice(1).split('/')
  if (parts.includes('..') || parts.includes('.')) return 'must not hold . or .. segments'
  if (parts.includes('')) return 'must be normalised (no // and no slash at the end)'
  if (path.length > maxLength) return `must have at most ${maxLength} characters`
  if (!segments.test(path)) return 'holds a character that is not allowed (allowed: letters, digits, space and . _ @ + = : , ~ -)'
  return undefined
}

/** Why `path` is refused as a directory on an instance, or undefined when it is fine. */
export const pathProblem = (path: string): string | undefined =>
  shapeProblem(path) ?? (path.lastIndexOf('/') === 0 ? 'must be at least two levels deep' : undefined)

/** Why `path` cannot be a cache, or undefined when it may. */
export const cachePathProblem = (path: string): string | undefined =>
  shapeProblem(path) ?? (isSystemDirectory(path) ? 'is a system directory, not a cache: name the cache directory itself' : undefined)
