// Every document, and for each a value of every parameter that is meant to be sent.

import { loadConfig } from '../../config/load.ts'
import { planPurge } from '../../handlers/plan-purge/core.ts'
import type { DocumentSource } from '../../layers/contract.ts'
import { documents } from '../../ssm/documents.ts'
import { probeOrigin } from '../../ssm/probe-origin/document.ts'
import targets from '../targets.ts'
import { heldKinds } from './registries.ts'

const documentCalled = (name: string): DocumentSource => {
  const found = heldKinds.flatMap(([, { kind }]) => kind.documents).find((document) => document.name === name)
  if (found === undefined) throw new Error(`no kind has the document ${name}`)
  return found
}

const probe = planPurge({ target: 'portal' }, loadConfig(targets)).commands.find(({ kind }) => kind === 'probe')
const probeParameters = Object.fromEntries(Object.entries(probe?.parameters ?? {}).map(([name, [value = '']]) => [name, value]))

const specsOf = (command: 'purge' | 'inspect') => heldKinds.map(([, { kind, fake }]) => kind[command](fake.example))

export const purgeDocuments = new Set(specsOf('purge').map(({ document }) => documentCalled(document)))
export const inspectDocuments = new Set(specsOf('inspect').map(({ document }) => documentCalled(document)))

/** Also what is not deployed. */
export const everyDocument = new Set([...documents, ...purgeDocuments, ...inspectDocuments])

const examples = new Map([
  [probeOrigin.name, probeParameters],
  ...[...specsOf('purge'), ...specsOf('inspect')].map(({ document, parameters }) => [document, parameters] as const),
])

export const exampleOf = ({ name }: DocumentSource): Readonly<Record<string, string>> => examples.get(name) ?? {}
