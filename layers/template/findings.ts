// What an inspection of one cache means for a purge. No I/O.

import { finding, type Finding } from '../finding.ts'
import type { TemplateFacts } from './facts.ts'

export const judgeTemplate = ({ directory, reason }: TemplateFacts, cachePath: string): Finding[] => {
  switch (directory) {
    case 'present':
      return [finding('ok', `${cachePath} is there`)]
    case 'absent':
      return [finding('problem', `${cachePath} does not exist. A purge would find nothing and report success: correct cachePath`)]
    case 'refused':
      return [finding('problem', `a purge would fail: ${reason}. Correct cachePath`)]
  }
}
