// What a path in the config may look like. A purge deletes what the path holds, as root, so the rule errs
// on the side of refusing; the scripts in ssm/ apply the same rule again to what they receive.

/** maxChars of the paths in ssm/, which Send Command enforces. */
const maxLength = 512

const segments = /^(\/\.?[A-Za-z0-9_-][A-Za-z0-9._ @+=:,~-]*){2,}$/

/** The same lists as in ssm/shared/cache.sh: what is refused there at run time is refused here before anything is deployed. */
const programsAndDevices = /^\/(bin|boot|dev|etc|lib|lib32|lib64|proc|sbin|sys|usr\/(bin|include|lib|lib32|lib64|libexec|sbin|share))\//
const shared =
  /^\/(var\/(backups|cache|db|folders|lib|local|lock|log|mail|opt|run|spool|tmp|www)|run\/(lock|systemd|user)|srv\/(http|www))$/
/** Homes, and other programs' and sites' own directories. */
const childrenOf = /^\/(home|Library|root|System|Users|usr|usr\/local|var\/(backups|db|lib|log|mail|spool|www))\/[^/]+$/

const isSystemDirectory = (path: string): boolean =>
  !path.startsWith('/dev/shm/') && [programsAndDevices, shared, childrenOf].some((pattern) => pattern.test(path))

/** Why `path` is refused as a directory on an instance, or undefined when it is fine. */
export const pathProblem = (path: string): string | undefined => {
  if (!path.startsWith('/')) return 'must be absolute (start with /)'
  if (path === '/') return 'must not be the root directory'
  const parts = path.slice(1).split('/')
  if (parts.includes('..') || parts.includes('.')) return 'must not hold . or .. segments'
  if (parts.includes('')) return 'must be normalised (no // and no slash at the end)'
  if (parts.length < 2) return 'must be at least two levels deep'
  if (path.length > maxLength) return `must have at most ${maxLength} characters`
  if (path.length > 512) return 'must not be longer than 512 characters'
  if (!segments.test(path)) return 'holds a character that is not allowed (allowed: letters, digits, space and . _ @ + = : , ~ -)'
  return undefined
}

/** Why the content of `path` must not be deleted, or undefined when it may. */
export const cachePathProblem = (path: string): string | undefined =>
  pathProblem(path) ?? (isSystemDirectory(path) ? 'is a system directory, a home or a site: name the cache directory itself' : undefined)
