// Puts the drawn state machine between the markers of the README; with --check, only says whether it is there.

import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { drawDiagram } from '../statemachines/diagram.ts'
import { purgeDefinitionText } from '../statemachines/purge.ts'

const readme = resolve(import.meta.dirname, '../README.md')
const markers = /(<!-- diagram: npm run diagram -->\n)[^]*?(<!-- end of diagram -->)/

const before = readFileSync(readme, 'utf8')
if (!markers.test(before)) throw new Error('README.md has lost the markers between which the diagram goes')
const drawn = drawDiagram(JSON.parse(purgeDefinitionText()))
const after = before.replace(markers, (_all, start: string, end: string) => `${start}\`\`\`mermaid\n${drawn}\n\`\`\`\n${end}`)

if (!process.argv.includes('--check')) writeFileSync(readme, after)
else if (after !== before) {
  console.error('The diagram in README.md does not show statemachines/purge.asl.json: run `npm run diagram`.')
  process.exitCode = 1
}
