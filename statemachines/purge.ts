// Fills the placeholders of purge.asl.json, for Terraform (whose values are tokens) and for the local run alike.

import { readFileSync } from 'node:fs'

const placeholder = /^\$\{([A-Za-z]+)\}$/

export type PurgeSubstitutions = Readonly<
  Record<'PlanPurgeArn' | 'ConfirmCommandArn' | 'PurgeCloudflareArn' | 'ProbeEdgeArn' | 'NotifySlackArn' | 'PurgeGroupArn', string>
>

export const purgeDefinitionText = (): string => readFileSync(new URL('./purge.asl.json', import.meta.url), 'utf8')

/**
 * The definition with every `"${Name}"` replaced, as JSON text.
 * A leftover placeholder would be found only by `terraform validate`, and an unused value by nobody, so both throw here.
 */
export const renderPurge = (substitutions: PurgeSubstitutions, text = purgeDefinitionText()): string => {
  const unused = new Set(Object.keys(substitutions))
  const values = new Map(Object.entries(substitutions))
  const rendered: unknown = JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== 'string') return value
    const name = placeholder.exec(value)?.[1]
    if (name === undefined) {
      if (value.includes('${'))
        throw new Error(`purge.asl.json has a placeholder inside the text "${value}": only a whole value can be one`)
      return value
    }
    const replacement = values.get(name)
    if (replacement === undefined) throw new Error(`purge.asl.json uses \${${name}}, which nobody supplies: add it to PurgeSubstitutions`)
    unused.delete(name)
    return replacement
  })
  if (unused.size > 0) throw new Error(`purge.asl.json does not use ${[...unused].join(', ')}: remove it from PurgeSubstitutions`)
  return JSON.stringify(rendered, null, 2)
}
