// Which hosts' pages a purge can make new, as far as a config that may be wrong elsewhere tells.

import * as z from 'zod'

const LoosePurge = z.looseObject({
  purge: z.discriminatedUnion('what', [
    z.looseObject({ what: z.literal('hosts'), hosts: z.array(z.string()) }),
    z.looseObject({ what: z.literal('prefixes'), prefixes: z.array(z.string()) }),
    z.looseObject({ what: z.literal('files'), files: z.array(z.string()) }),
  ]),
})
/** @returns undefined where it purges everything, or is wrong */
export const purgedHosts = (edge: unknown): string[] | undefined => {
  const purge = LoosePurge.safeParse(edge).data?.purge
  switch (purge?.what) {
    case 'hosts':
      return purge.hosts
    case 'prefixes':
      return purge.prefixes.map((prefix) => prefix.replace(/\/.*/, ''))
    case 'files':
      return purge.files.flatMap((file) => URL.parse(file)?.hostname ?? [])
    case undefined:
      return undefined
  }
}
