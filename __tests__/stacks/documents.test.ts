import { describe, expect, it } from 'vitest'
import { documentJson } from '../../ssm/render.ts'
import { literal } from '../../stacks/literal.ts'
import { documents } from '../../ssm/documents.ts'
import { config } from './config.ts'
import { named, synthesize } from './synthesized.ts'

const commands = { documentPrefix: 'ACME.', executionTimeoutSeconds: 77 }
const stack = synthesize(config({ commands }))

/** What Terraform makes of a template without interpolation. */
const unescaped = (text: string): string => text.replaceAll('$${', () => '${').replaceAll('%%{', () => '%{')

describe.each(documents)('$id', ({ id, name }) => {
  const document = named(stack, 'aws_ssm_document', `ACME.${name}`)
  const content = String(document['content'])

  it('is a command document for instances', () => {
    expect(document).toMatchObject({ document_type: 'Command', document_format: 'JSON', target_type: '/AWS::EC2::Instance' })
  })

  it('arrives byte for byte as the local agent runs it', () => {
    expect(unescaped(content)).toBe(documentJson(id, { executionTimeoutSeconds: 77 }))
  })

  it('leaves Terraform nothing to interpret', () => {
    expect(content).toContain('$${')
    expect(content.replaceAll('$${', '').replaceAll('%%{', '')).not.toMatch(/[$%]\{/)
  })
})

describe('a literal', () => {
  it.each([
    ['${name}', '$${name}'],
    ['%{if}', '%%{if}'],
    ['a $name costs 5% {', 'a $name costs 5% {'],
    ['${a}${b}%{c}', '$${a}$${b}%%{c}'],
  ])('turns %s into %s', (text, expected) => {
    expect(literal(text)).toBe(expected)
  })
})
