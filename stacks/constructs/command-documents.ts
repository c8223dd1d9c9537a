// The SSM command documents of one region. Every cell gets all of them: they cost nothing, and a target that changes its layers
// then changes no document, so a purge that is running meanwhile goes on.

import { SsmDocument } from '@cdktf/provider-aws/lib/ssm-document/index.js'
import { Construct } from 'constructs'
import { documents } from '../../ssm/documents.ts'
import { documentJson } from '../../ssm/render.ts'
import { literal } from '../literal.ts'
import type { Placement } from '../placement.ts'

export interface CommandDocumentsProps {
  readonly placement: Placement
  /** Begins each document's name; plan-purge compiles the same prefix in. */
  readonly namePrefix: string
  /** Seconds that a script may run. */
  readonly executionTimeoutSeconds: number
}

export class CommandDocuments extends Construct {
  readonly arns: readonly string[]

  constructor(scope: Construct, id: string, { placement, namePrefix, executionTimeoutSeconds }: CommandDocumentsProps) {
    super(scope, id)
    this.arns = documents.map(
      (document) =>
        new SsmDocument(this, document.id, {
          provider: placement.provider,
          name: `${namePrefix}${document.name}`,
          documentType: 'Command',
          documentFormat: 'JSON',
          targetType: '/AWS::EC2::Instance',
          content: literal(documentJson(document.id, { executionTimeoutSeconds })),
        }).arn,
    )
  }
}
