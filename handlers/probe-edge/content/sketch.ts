// What crosses from an instance of how two pages differ: a few characters that show whether another difference has something in common.

const modulus = 65_521
const kept = 4

/** Of the bytes of a latin1 string, in numbers that awk keeps exactly. */
const hashOf = (text: string): number => {
  let hash = 0
  for (let index = 0; index < text.length; index += 1) hash = (hash * 33 + text.charCodeAt(index)) % modulus
  return hash
}

/** The smallest few hashes: two differences that share much share at least one of them. */
export const sketchOf = (items: readonly string[]): string =>
  [...new Set(items.map(hashOf))]
    .sort((a, b) => a - b)
    .slice(0, kept)
    .join(',')
