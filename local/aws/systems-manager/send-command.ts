// What SendCommand accepts, and which instances a command is for.

import * as z from 'zod'
import type { Instance } from '../../instance/instance.ts'
import type { Invocation } from './command.ts'
import { AwsError } from '../protocol/protocol.ts'

export const InstanceId = z.string().regex(/^(i-([0-9a-z]{8}|[0-9a-z]{17})|mi-[0-9a-z]{17})$/)
const NumberOrShare = (percent: RegExp) => z.string().min(1).max(7).regex(percent)

export const SendCommandInput = z
  .object({
    DocumentName: z.string().min(1),
    InstanceIds: z.array(InstanceId).max(50).default([]),
    Targets: z
      .array(z.object({ Key: z.string().min(1).max(163), Values: z.array(z.string()).min(1).max(50) }))
      .max(5)
      .default([]),
    Parameters: z.record(z.string(), z.array(z.string())).default({}),
    Comment: z.string().max(100).default(''),
    TimeoutSeconds: z.int().min(30).max(2_592_000).default(3600),
    MaxConcurrency: NumberOrShare(/^([1-9][0-9]*|[1-9][0-9]%|[1-9]%|100%)$/).default('50'),
    MaxErrors: NumberOrShare(/^([0-9]+|[0-9]{1,2}%|100%)$/).default('0'),
  })
  .refine(({ InstanceIds, Targets }) => (InstanceIds.length === 0) !== (Targets.length === 0), 'give InstanceIds or Targets, and not both')
export type SendCommandInput = z.infer<typeof SendCommandInput>

type Choice = Pick<Invocation, 'instanceId' | 'instance'>

const chosenByTarget = (instances: readonly Instance[], target: SendCommandInput['Targets'][number]): Choice[] => {
  if (target.Key === 'InstanceIds') {
    return target.Values.map((instanceId) => ({ instanceId, instance: instances.find((instance) => instance.instanceId === instanceId) }))
  }
  const tag = /^tag:(.+)$/.exec(target.Key)?.[1]
  if (tag === undefined)
    throw new AwsError('InvalidTarget', `The local AWS endpoint knows targets by InstanceIds and by tag:<Key>, not by ${target.Key}`)
  return instances
    .filter((instance) => target.Values.includes(instance.tags[tag] ?? ''))
    .map((instance) => ({ instanceId: instance.instanceId, instance }))
}

/** Several targets narrow each other down. No instance at all is no error here, as at AWS. */
export const chooseInstances = (instances: readonly Instance[], input: SendCommandInput): Choice[] => {
  if (input.InstanceIds.length > 0) {
    const choices = [...new Set(input.InstanceIds)].map((instanceId) => ({
      instanceId,
      instance: instances.find((instance) => instance.instanceId === instanceId),
    }))
    const missing = choices.filter(({ instance }) => !instance).map(({ instanceId }) => instanceId)
    if (missing.length > 0)
      throw new AwsError('InvalidInstanceId', `Instances [[${missing.join(', ')}]] not in a valid state for account 000000000000`)
    return choices
  }
  const [first = [], ...others] = input.Targets.map((target) => chosenByTarget(instances, target))
  const everywhere = first.filter(({ instanceId }) => others.every((choices) => choices.some((choice) => choice.instanceId === instanceId)))
  return everywhere.filter(({ instanceId }, index) => everywhere.findIndex((choice) => choice.instanceId === instanceId) === index)
}
