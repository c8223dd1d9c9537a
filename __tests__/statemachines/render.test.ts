// A definition with a placeholder left in it would be refused by AWS only; these are refused while synthesizing, by name.

import { expect, it } from 'vitest'
import { translateDefinition } from '../../local/aws/step-functions/engine-definition.ts'
import { purgeDefinitionText, renderPurge } from '../../statemachines/purge.ts'

const arn = (name: string): string => `arn:aws:lambda:us-east-1:123456789012:function:${name}`
const substitutions = {
  PlanPurgeArn: arn('plan'),
  ConfirmCommandArn: arn('confirm'),
  PurgeCloudflareArn: arn('edge'),
  ProbeEdgeArn: arn('probe'),
  PurgeGroupArn: arn('group'),
  NotifySlackArn: arn('notify'),
}

it('names the placeholder that nobody supplies', () => {
  const text = purgeDefinitionText().replace('${ConfirmCommandArn}', '${ConfirmCommandsArn}')
  expect(() => renderPurge(substitutions, text)).toThrow('${ConfirmCommandsArn}')
})

it('names the value that no state uses', () => {
  const text = purgeDefinitionText().replaceAll('${NotifySlackArn}', 'arn:elsewhere')
  expect(() => renderPurge(substitutions, text)).toThrow('NotifySlackArn')
})

it('names the state that a Next misses', () => {
  const text = purgeDefinitionText().replace('"Next": "Run Commands"', '"Next": "Run Comands"')
  expect(() => translateDefinition(renderPurge(substitutions, text), 1)).toThrow('Run Comands')
})
