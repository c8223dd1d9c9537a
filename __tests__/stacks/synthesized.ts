// Synthesizes a stack and reads the result. The bundles are stubs, so no hash in it depends on the handlers.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Testing } from 'cdktf'
import type { Config } from '../../config/schema.ts'
import { functionNames } from '../../scripts/bundle.ts'
import { PurgeflowStack } from '../../stacks/purgeflow-stack.ts'

const stubBundles = (folder: string): string => {
  const bundleDir = join(folder, 'bundles')
  for (const name of functionNames()) {
    mkdirSync(join(bundleDir, name), { recursive: true })
    writeFileSync(join(bundleDir, name, 'index.mjs'), `export const handler = () => '${name}'\n`)
  }
  return bundleDir
}

/** Terraform JSON, as text. */
export const synthesizeText = (config: Config): string => {
  const folder = mkdtempSync(join(tmpdir(), 'purgeflow-stacks-'))
  try {
    const app = Testing.app({ outdir: join(folder, 'out') })
    return Testing.synth(new PurgeflowStack(app, config.name, { config, bundleDir: stubBundles(folder) }), true)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export type Attributes = Readonly<Record<string, unknown>>

export interface Synthesized {
  /** Resource type -> logical id -> attributes. */
  readonly resource: Readonly<Record<string, Readonly<Record<string, Attributes>>>>
  readonly data: Readonly<Record<string, unknown>>
  readonly provider: { readonly aws: readonly Attributes[] }
  readonly output: Readonly<Record<string, { readonly value: unknown }>>
}

const nameOf = (attributes: Attributes | undefined): string => String(attributes?.['function_name'] ?? attributes?.['name'])

/** The stack with its references made readable: `<aws_lambda_function acme-plan-purge arn>`, `<account>`. */
export const synthesize = (config: Config): Synthesized => {
  const text = synthesizeText(config)
  const { resource } = JSON.parse(text) as Synthesized
  const readable = text
    .replaceAll('${data.aws_caller_identity.account.account_id}', '<account>')
    .replace(
      /(?<!\$)\$\{(\w+)\.([\w-]+)\.(\w+)\}/g,
      (_, type: string, id: string, attribute: string) => `<${type} ${nameOf(resource[type]?.[id])} ${attribute}>`,
    )
  return JSON.parse(readable) as Synthesized
}

export const all = ({ resource }: Synthesized, type: string): Attributes[] => Object.values(resource[type] ?? {})

/** The one resource of a type whose name is this. */
export const named = (stack: Synthesized, type: string, name: string): Attributes => {
  const found = all(stack, type).filter((attributes) =>
    [attributes['function_name'], attributes['name'], attributes['alarm_name']].includes(name),
  )
  if (found.length !== 1) throw new Error(`${found.length} resources of type ${type} are called ${name}`)
  return found[0]!
}

export const json = (value: unknown): unknown => JSON.parse(String(value))
