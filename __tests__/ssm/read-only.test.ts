// The documents that only look, by their text: what they do when they run stands in their own tests and in local/system/dry-run.test.ts.

import { expect, it } from 'vitest'
import type { DocumentSource } from '../../layers/contract.ts'
import { scriptOf } from '../../ssm/render.ts'
import { inspectDocuments, purgeDocuments } from '../layers/examples.ts'

/** Commands that change something, but for what a script does in a temporary directory of its own. */
const changing =
  /(^|[;&|({]\s*|\b(then|do|else|if|!|exec|xargs)\s+)(rm|mv|cp|ln|touch|truncate|tee|dd|install|mkdir|rmdir|chmod|chown|kill|systemctl|service)\b|-delete\b|-s reload|flush|rocket clean|sed -i|option (update|delete|set)|plugin (de)?activate/
const redirection = />>?\s*(?!&|\/dev\/null|"\$work\/)/

/** Without comments, and without the texts in quotes that are no commands. */
const codeOf = (document: DocumentSource): string[] =>
  scriptOf(document)
    .split('\n')
    .filter((line) => !/^\s*#/.test(line) && !line.includes('trap \'rm -rf -- "$work"\' EXIT') && !line.includes('kill -0'))

it.each([...inspectDocuments])('$id has no command that changes anything, and writes nowhere but in its own directory', (document) => {
  const code = codeOf(document)
  expect(code.filter((line) => changing.test(line))).toEqual([])
  expect(code.filter((line) => redirection.test(line.replace(/'[^']*'/g, "''")))).toEqual([])
})

it.each([...purgeDocuments])('$id has some, so the rule can tell', (document) => {
  expect(codeOf(document).filter((line) => changing.test(line))).not.toEqual([])
})
