// Each import rule of .dependency-cruiser.json, broken by a made-up file, is named; its neighbour that keeps to it is not.

import { cruise, type ICruiseOptions, type IFlattenedRuleSet } from 'dependency-cruiser'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'

const { options, ...ruleSet } = JSON.parse(await readFile('.dependency-cruiser.json', 'utf8')) as IFlattenedRuleSet & {
  options: ICruiseOptions
}

type Import = readonly [from: string, to: string]
interface Example {
  readonly breaks: readonly Import[]
  readonly keeps: readonly Import[]
}

const examples: Readonly<Record<string, Example>> = {
  'no-circles': {
    breaks: [
      ['edge/a.ts', 'edge/b.ts'],
      ['edge/b.ts', 'edge/c.ts'],
      ['edge/c.ts', 'edge/a.ts'],
    ],
    keeps: [['edge/a.ts', 'edge/b.ts']],
  },
  'no-function-imports-another': {
    breaks: [['handlers/a/core.ts', 'handlers/b/core.ts']],
    keeps: [['handlers/a/core.ts', 'handlers/shared/errors.ts']],
  },
  'handlers-know-no-deployment': {
    breaks: [['handlers/a/core.ts', 'cdktf']],
    keeps: [['handlers/a/core.ts', 'config/schema.ts']],
  },
  'stacks-know-no-code-of-functions': {
    breaks: [['stacks/stack.ts', 'handlers/a/core.ts']],
    keeps: [['stacks/stack.ts', 'cdktf']],
  },
  'local-knows-no-stacks': {
    breaks: [['local/system.ts', 'stacks/stack.ts']],
    keeps: [['local/system.ts', 'ssm/documents.ts']],
  },
  'only-bench-and-tests-know-local': {
    breaks: [['scripts/a.ts', 'local/system.ts']],
    keeps: [['bench/a.ts', 'local/system.ts']],
  },
  'the-machine-knows-no-function': {
    breaks: [['statemachines/purge.ts', 'handlers/a/core.ts']],
    keeps: [['handlers/a/core.ts', 'statemachines/data/plan.ts']],
  },
  'only-handlers-import-clients': {
    breaks: [['handlers/a/core.ts', '@aws-sdk/client-ssm']],
    keeps: [['handlers/a/handler.ts', '@aws-sdk/client-ssm']],
  },
  'kinds-only-through-the-registries': {
    breaks: [['handlers/a/core.ts', 'layers/varnish/layer.ts']],
    keeps: [
      ['handlers/a/core.ts', 'layers/kinds.ts'],
      ['layers/kinds.ts', 'layers/varnish/layer.ts'],
    ],
  },
  'a-kind-knows-no-other': {
    breaks: [['layers/varnish/layer.ts', 'layers/squid/facts.ts']],
    keeps: [['layers/varnish/layer.ts', 'layers/wordpress/site.ts']],
  },
  'a-kind-knows-fields-of-the-config-only': {
    breaks: [['layers/varnish/layer.ts', 'config/schema.ts']],
    keeps: [['layers/varnish/layer.ts', 'config/fields.ts']],
  },
  'layers-know-no-function-and-no-edge': {
    breaks: [['layers/varnish/layer.ts', 'edge/cloudflare/bodies.ts']],
    keeps: [['edge/cloudflare/bodies.ts', 'layers/kinds.ts']],
  },
  'only-functions-import-targets': {
    breaks: [['scripts/a.ts', 'config/targets.ts']],
    keeps: [['handlers/a/handler.ts', 'config/targets.ts']],
  },
}

const isFile = (path: string): boolean => path.endsWith('.ts')

/** The names of the rules that these imports break. */
const broken = async (imports: readonly Import[]): Promise<string[]> => {
  const tree = await mkdtemp(join(tmpdir(), 'purgeflow-imports-'))
  onTestFinished(() => rm(tree, { recursive: true, force: true }))
  const sources = new Map<string, string>(
    imports
      .flat()
      .filter(isFile)
      .map((path) => [path, 'export {}\n']),
  )
  for (const [from, to] of imports) {
    const path = relative(dirname(from), to)
    const specifier = isFile(to) ? (path.startsWith('.') ? path : `./${path}`) : to
    sources.set(from, `import '${specifier}'\n${sources.get(from) ?? ''}`)
  }
  for (const [path, source] of sources) {
    await mkdir(join(tree, dirname(path)), { recursive: true })
    await writeFile(join(tree, path), source)
  }
  const { tsConfig: _, ...others } = options
  const { output } = await cruise([...sources.keys()], { ...others, baseDir: tree, validate: true, ruleSet })
  if (typeof output === 'string') throw new Error('dependency-cruiser was asked for no report')
  return [...new Set(output.summary.violations.map(({ rule }) => rule.name))]
}

it('has an example of every rule', () => {
  expect(Object.keys(examples)).toEqual(ruleSet.forbidden?.map(({ name }) => name))
})

it.each(Object.entries(examples))('%s is named where it is broken, and only there', async (name, { breaks, keeps }) => {
  expect(await broken(breaks)).toEqual([name])
  expect(await broken(keeps)).toEqual([])
})
