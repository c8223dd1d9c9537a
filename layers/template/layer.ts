// The smallest kind of layer there can be: a directory with files called *.page. It is deployed nowhere; copy it to add a kind.

import * as z from 'zod'
import { cachePathOnInstance, layerId } from '../../config/fields.ts'
import type { LayerKindDefinition } from '../contract.ts'
import { judging } from '../finding.ts'
import { TemplateFacts } from './facts.ts'
import { judgeTemplate } from './findings.ts'

const TemplateLayer = z.strictObject({
  kind: z.literal('template'),
  ...layerId,
  cachePath: cachePathOnInstance,
})
type TemplateLayer = z.infer<typeof TemplateLayer>

const purgeTemplate = {
  id: 'purge-template',
  name: 'PurgeTemplate',
  source: 'layers/template/purge',
  shared: ['script', 'paths', 'measure', 'cache', 'delete', 'entries'],
} as const
const inspectTemplate = {
  id: 'inspect-template',
  name: 'InspectTemplate',
  source: 'layers/template/inspect',
  shared: ['script', 'paths', 'measure', 'cache', 'inspect'],
} as const

export const template = {
  schema: TemplateLayer,
  label: () => 'Template',
  distance: 2,
  documents: [purgeTemplate, inspectTemplate],
  purge: ({ cachePath }) => ({ document: purgeTemplate.name, parameters: { CachePath: cachePath } }),
  inspect: ({ cachePath }) => ({ document: inspectTemplate.name, parameters: { CachePath: cachePath } }),
  action: ({ cachePath }) => `delete the pages in ${cachePath}`,
  facts: TemplateFacts,
  findings: judging(TemplateFacts, z.object({ CachePath: z.string() }), (facts, { CachePath }) => judgeTemplate(facts, CachePath)),
} satisfies LayerKindDefinition<TemplateLayer>
