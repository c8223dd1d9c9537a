// What a path in the config may look like. A purge deletes what the path holds, as root, so the rule errs
// on the side of refusing; the scripts in ssm/ apply the same rule again to what they receive.

const segments = /^(\/\.?[A-Za-z0-9_-][A-Za-z0-9._ @+=:,~-]*){2,}$/

/** Directories that hold more than one cache, by exact path or by pattern. */
const systemDirectories = [
  /^\/(bin|boot|dev|etc|home|lib|lib32|lib64|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr)\/[^/]+$/,
  /^\/var\/(backups|cache|lib|local|lock|log|mail|opt|run|spool|tmp|www)$/,
]

/** Why `path` is refused as a directory on an instance, or undefined when it is fine. */
export const pathProblem = (path: string): string | undefined => {
  if (!path.startsWith('/')) return 'must be absolute (start with /)'
  if (path === '/') return 'must not be the root directory'
  const parts = path.slice(1).split('/')
  if (parts.includes('..') || parts.includes('.')) return 'must not hold . or .. segments'
  if (parts.includes('')) return 'must be normalised (no // and no slash at the end)'
  if (parts.length < 2) return 'must be at least two levels deep'
  if (!segments.test(path)) return 'holds a character that is not allowed (allowed: letters, digits, space and . _ @ + = : , ~ -)'
  return undefined
}

/** Why the content of `path` must not be deleted, or undefined when it may. */
export const cachePathProblem = (path: string): string | undefined =>
  pathProblem(path) ??
  (systemDirectories.some((pattern) => pattern.test(path)) ? 'is a system directory: name the cache directory itself' : undefined)
