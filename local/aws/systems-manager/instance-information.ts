// What Systems Manager knows of the instances that are registered with it.

import * as z from 'zod'
import type { Instance } from '../../instance/instance.ts'
import { page } from '../protocol/paging.ts'
import { action, seconds, type Actions } from '../protocol/protocol.ts'

const Input = z.object({
  Filters: z
    .array(z.object({ Key: z.string().min(1), Values: z.array(z.string().min(1)).min(1) }))
    .max(5)
    .default([]),
  MaxResults: z.int().min(1).max(50).default(10),
  NextToken: z.string().optional(),
})

const fits = (instance: Instance, key: string, values: readonly string[]): boolean => {
  if (key === 'InstanceIds') return values.includes(instance.instanceId)
  if (key.startsWith('tag:')) return values.includes(instance.tags[key.slice('tag:'.length)] ?? '')
  return false
}

const describe = ({ instanceId, state }: Instance, now: number) => ({
  InstanceId: instanceId,
  PingStatus: state === 'offline' ? 'ConnectionLost' : 'Online',
  LastPingDateTime: seconds(now),
  AgentVersion: '3.3.2746.0',
  IsLatestVersion: true,
  PlatformType: 'Linux',
  PlatformName: 'Debian GNU/Linux',
  ResourceType: 'EC2Instance',
})

export const instanceInformationActions = (instances: readonly Instance[], now: () => number): Actions => ({
  DescribeInstanceInformation: action(Input, ({ Filters, MaxResults, NextToken }, region) => {
    const known = instances.filter(
      (instance) => instance.region === region && Filters.every(({ Key, Values }) => fits(instance, Key, Values)),
    )
    const { items, nextToken } = page(known, MaxResults, NextToken, 'InvalidNextToken')
    return { InstanceInformationList: items.map((instance) => describe(instance, now())), NextToken: nextToken }
  }),
})
