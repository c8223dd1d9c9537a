// Targets behind one public name: two regions, two stages. Who says it of one says it of both.

import type { Config, Target } from './schema.ts'

/** @returns the other targets of the same site, in the order of the config */
export const siblingsOf = ({ targets }: Pick<Config, 'targets'>, { id }: Pick<Target, 'id'>): Target[] => {
  const site = new Set([id])
  // Whoever names one of the site, or is named by one, belongs to it; a set is read to its end while it grows.
  for (const member of site)
    for (const target of targets) {
      if (target.id === member) for (const named of target.sameSiteAs) site.add(named)
      if (target.sameSiteAs.includes(member)) site.add(target.id)
    }
  return targets.filter((target) => target.id !== id && site.has(target.id))
}
