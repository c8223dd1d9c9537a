import { join } from 'node:path'
import type * as z from 'zod'
import { html, type LayerFake, pages } from '../fake.ts'
import type { template } from './layer.ts'

export const templateFake: LayerFake<z.infer<typeof template.schema>> = {
  example: { kind: 'template', cachePath: '/var/cache/template/pages' },
  programs: [],
  files: () => ({}),
  cachePath: ({ cachePath }) => cachePath,
  cached: () => pages.map((page) => [join(page, 'index.page'), html(page)]),
  users: () => [],
}
