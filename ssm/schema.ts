/** The part of SSM command document schema 2.2 that we allow ourselves, strictly: an unknown key is an error. */
import { z } from 'zod'

const parameterSchema = z.strictObject({
  type: z.literal('String'),
  // The value reaches the script as $SSM_<Name>; nothing is ever pasted into shell text.
  interpolationType: z.literal('ENV_VAR'),
  description: z.string().min(1),
  allowedPattern: z.string().startsWith('^').endsWith('$'),
  maxChars: z.int().positive(),
  default: z.string().exactOptional(),
})

const stepSchema = z.strictObject({
  action: z.literal('aws:runShellScript'),
  name: z.string().regex(/^[A-Za-z0-9_]{3,128}$/),
  precondition: z.strictObject({ StringEquals: z.tuple([z.literal('platformType'), z.literal('Linux')]) }),
})

/** What document.yaml holds: everything but the script and its time-out. */
export const documentSourceSchema = z.strictObject({
  schemaVersion: z.literal('2.2'),
  description: z.string().min(1),
  parameters: z.record(z.string().regex(/^[a-zA-Z0-9]+$/), parameterSchema),
  mainSteps: z.tuple([stepSchema]),
})

/** A complete document, as it is uploaded and as the local agent runs it. */
export const commandDocumentSchema = documentSourceSchema.extend({
  mainSteps: z.tuple([
    stepSchema.extend({
      inputs: z.strictObject({
        // Seconds. Outside 5-172800 AWS silently takes 3600.
        timeoutSeconds: z.int().min(5).max(172_800),
        runCommand: z.array(z.string()).min(1),
      }),
    }),
  ]),
})

export type CommandDocument = z.infer<typeof commandDocumentSchema>
