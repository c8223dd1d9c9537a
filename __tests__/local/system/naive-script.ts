// What the two tools that purgeflow replaces do, told anew: send each layer's command, give it its time, ask Cloudflare, and say
// "success" because every call returned. Nobody checks what came of it.

import { ListCommandInvocationsCommand, SendCommandCommand, SSMClient, type SendCommandCommandInput } from '@aws-sdk/client-ssm'
import { setTimeout as sleep } from 'node:timers/promises'
import { selectorsOf } from '../../../config/instances.ts'
import type { Target } from '../../../config/schema.ts'
import { startAws } from '../../../local/aws/start-aws.ts'
import type { System } from '../../../local/system/system.ts'
import type { CommandDocument } from '../../../ssm/schema.ts'

const aDocument = (script: string): CommandDocument => ({
  schemaVersion: '2.2',
  description: 'as a team writes it that only wants the cache gone',
  parameters: { Directory: { type: 'String', interpolationType: 'ENV_VAR', description: 'where', allowedPattern: '^/.*$', maxChars: 200 } },
  mainSteps: [
    {
      action: 'aws:runShellScript',
      name: 'runShellScript',
      precondition: { StringEquals: ['platformType', 'Linux'] },
      inputs: { timeoutSeconds: 60, runCommand: ['#!/bin/bash', script] },
    },
  ],
})

const documents = {
  FlushPlugin: aDocument('wp w3-total-cache flush all --path="$SSM_Directory"'),
  EmptyDirectory: aDocument(
    'if [[ -d "$SSM_Directory" ]]; then du -sh "$SSM_Directory"; rm -rf "$SSM_Directory"/*; else echo "Cache is empty"; fi',
  ),
}

const runningFor = async (ssm: SSMClient, id: string): Promise<boolean> => {
  const { CommandInvocations = [] } = await ssm.send(new ListCommandInvocationsCommand({ CommandId: id }))
  return CommandInvocations.some(({ Status }) => Status === 'Pending' || Status === 'InProgress')
}

export interface NaiveScript {
  /** The CDN before the instances; what a visitor does in between. */
  readonly edgeFirst?: () => Promise<unknown>
}

export const naiveScript = async (system: System, target: Target, { edgeFirst }: NaiveScript = {}): Promise<'success' | 'failure'> => {
  // Their documents on the same instances.
  const aws = await startAws({ documents: { [target.region]: documents }, instances: system.aws.instances })
  const ssm = new SSMClient({ region: target.region, endpoint: aws.url, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } })
  const send = async (name: keyof typeof documents, directory: string): Promise<void> => {
    const [selector] = target.instances ? selectorsOf(target.instances) : []
    if (!selector) throw new Error('a target without instances has no layers to send a command for')
    const receivers: Partial<SendCommandCommandInput> =
      'ids' in selector
        ? { InstanceIds: [...selector.ids] }
        : { Targets: selector.tags.map(({ key, values }) => ({ Key: `tag:${key}`, Values: [...values] })) }
    const { Command } = await ssm.send(
      new SendCommandCommand({ DocumentName: name, Parameters: { Directory: [directory] }, TimeoutSeconds: 30, ...receivers }),
    )
    // They sleep for six seconds, whatever happens.
    for (let tries = 0; tries < 120 && (await runningFor(ssm, Command?.CommandId ?? '')); tries += 1) await sleep(50)
  }
  const purgeEdge = async (): Promise<void> => {
    if (target.edge === undefined) return
    const response = await fetch(`${system.cloudflare.apiUrl}/zones/${target.edge.zoneId}/purge_cache`, {
      method: 'POST',
      headers: { authorization: `Bearer local-key-for-${target.id}`, 'content-type': 'application/json' },
      body: JSON.stringify({ files: target.probes?.urls }),
    })
    await response.json()
  }
  try {
    if (edgeFirst) {
      await purgeEdge()
      await edgeFirst()
    }
    for (const layer of target.layers) {
      if (layer.kind === 'w3-total-cache') await send('FlushPlugin', layer.sitePath)
      else await send('EmptyDirectory', layer.cachePath)
    }
    if (!edgeFirst) await purgeEdge()
    return 'success'
  } catch {
    return 'failure'
  } finally {
    ssm.destroy()
    await aws.close()
  }
}
