// What is right as a config and may still surprise whoever deploys it.

import type { Config } from './schema.ts'

/** Regions whose alarms show in the console only. */
export const regionsWithoutTopic = ({ homeRegion, targets, alarmTopicArns }: Config): string[] =>
  [...new Set([homeRegion, ...targets.map(({ region }) => region)])].filter((region) => alarmTopicArns[region] === undefined)

/** Of one region: the same words at synth and in the doctor. */
export const noTopic = (region: string): string => `tell nobody: name an SNS topic in alarmTopicArns['${region}']`

/** @returns one line each */
export const configWarnings = (config: Config): string[] =>
  regionsWithoutTopic(config).map((region) => `Alarms in ${region} ${noTopic(region)}`)
