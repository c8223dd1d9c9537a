/** Every SSM command document. The deployed name is the configured prefix and `name`: "TD-" + "PurgeW3". */
import type { DocumentSource } from '../layers/contract.ts'
import { layerDocuments } from '../layers/kinds.ts'
import { probeOrigin } from './probe-origin/document.ts'

export const documents: readonly DocumentSource[] = [...layerDocuments, probeOrigin]

/** @throws when there is none of this id */
export const documentById = (id: string): DocumentSource => {
  const found = documents.find((document) => document.id === id)
  if (found === undefined) throw new Error(`there is no SSM document ${id}`)
  return found
}
