/** Puts a document together: document.yaml, parsed, plus the shared functions and run.sh as the lines of its one step. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { kernelDirectories, wholeDirectories } from '../config/paths.ts'
import type { DocumentSource } from '../layers/contract.ts'
import { documentById } from './documents.ts'
import { commandDocumentSchema, documentSourceSchema, type CommandDocument } from './schema.ts'

const MAX_DOCUMENT_BYTES = 64 * 1024

export interface RenderOptions {
  /** How long the script may run, in seconds: 5 to 172800. */
  readonly executionTimeoutSeconds: number
}

/** The script exactly as an instance runs it. */
export function renderScript(id: string): string {
  return scriptOf(documentById(id))
}

/** Also of a document that is not deployed. */
export function scriptOf({ source, shared }: DocumentSource): string {
  const functions = shared.map(readShared)
  // The agent starts the script with sh; its first line is what makes it bash.
  return ['#!/usr/bin/env bash\n', ...functions, readSource(`${source}.sh`)].join('\n')
}

export function renderDocument(id: string, options: RenderOptions): CommandDocument {
  return documentOf(documentById(id), options)
}

/** Also one that is not deployed. */
export function documentOf(document: DocumentSource, options: RenderOptions): CommandDocument {
  const source = documentSourceSchema.parse(parse(readSource(`${document.source}.yaml`)))
  const [step] = source.mainSteps
  const inputs = { timeoutSeconds: options.executionTimeoutSeconds, runCommand: scriptOf(document).trimEnd().split('\n') }
  return checkDocument(document.id, { ...source, mainSteps: [{ ...step, inputs }] })
}

/** The document as text for upload. */
export function documentJson(id: string, options: RenderOptions): string {
  return toJson(renderDocument(id, options))
}

/** Refuses what AWS would accept and then run differently, or refuse only at deploy time. Throws with every reason it can name. */
export function checkDocument(id: string, candidate: unknown): CommandDocument {
  const result = commandDocumentSchema.safeParse(candidate)
  if (!result.success) {
    const reasons = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new Error(`SSM document ${id} is not valid: ${reasons.join('; ')}`)
  }
  const { description, mainSteps } = result.data
  // The agent pastes values over {{ }} wherever it finds it, also inside the script.
  if (JSON.stringify([description, mainSteps]).includes('{{'))
    throw new Error(`SSM document ${id} holds "{{": read the parameter as $SSM_<Name> instead`)
  const bytes = Buffer.byteLength(toJson(result.data))
  if (bytes > MAX_DOCUMENT_BYTES) throw new Error(`SSM document ${id} has ${bytes} bytes; AWS accepts ${MAX_DOCUMENT_BYTES}`)
  return result.data
}

/** One of ssm/shared/, with the lists that it shares with the config. */
export function readShared(name: string): string {
  const lists = { whole_directories: wholeDirectories, kernel_directories: kernelDirectories }
  const lines = Object.entries(lists).map(([variable, paths]) => `${variable}='${paths.join(' ')}'\n`)
  return (name === 'cache' ? lines.join('') : '') + readSource(`ssm/shared/${name}.sh`)
}

function toJson(document: CommandDocument): string {
  return JSON.stringify(document, null, 2)
}

function readSource(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
}
