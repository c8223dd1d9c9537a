// Runs shellcheck over every script as an instance gets it, and over the repository's own shell files.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { documents } from '../ssm/documents.ts'
import { template } from '../layers/template/layer.ts'
import { scriptOf } from '../ssm/render.ts'

const rendered = [...documents, ...template.documents].map((document) => ({
  name: `${document.source}.sh (rendered)`,
  text: scriptOf(document),
}))

const tracked = spawnSync(
  'git',
  ['ls-files', '-co', '--exclude-standard', '.ci/run', '*.sh', 'local/instance/programs', 'layers/*/fake-*'],
  {
    encoding: 'utf8',
  },
)
const files = tracked.stdout
  .split('\n')
  // What lies in ssm/ and layers/ is part of a script, and is checked as part of it.
  .filter((name) => name !== '' && !/^(ssm|layers)\/.*\.sh$/.test(name))
  .map((name) => ({ name, text: readFileSync(name, 'utf8') }))

for (const { name, text } of [...rendered, ...files]) {
  const { error, status, stdout } = spawnSync('shellcheck', ['--shell=bash', '--severity=style', '-'], { input: text, encoding: 'utf8' })
  if (error) {
    console.error(`shellcheck does not run (${error.message}): install it (apt-get install shellcheck, brew install shellcheck)`)
    process.exit(1)
  }
  if (status !== 0) {
    console.error(`${name}:\n${stdout}`)
    process.exitCode = 1
  }
}
if (process.exitCode === undefined) console.log(`shellcheck: ${rendered.length + files.length} scripts clean`)
