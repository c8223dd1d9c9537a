// Reads the IAM documents of a synthesized stack.

import { all, json, named, type Synthesized } from './synthesized.ts'

export interface PolicyStatement {
  readonly Effect: string
  readonly Action: string | readonly string[]
  readonly Resource: string | readonly string[]
  readonly Principal?: { readonly Service: string }
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export const statementsIn = (document: unknown): readonly PolicyStatement[] =>
  (json(document) as { readonly Statement: readonly PolicyStatement[] }).Statement

export const list = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value)

/** What a role may do, by the role's name, in the order written. */
export const granted = (stack: Synthesized, role: string): readonly PolicyStatement[] =>
  all(stack, 'aws_iam_role_policy')
    .filter((policy) => policy['role'] === `<aws_iam_role ${role} name>`)
    .flatMap((policy) => statementsIn(policy['policy']))

/** The statements of a role that grant this action. */
export const grantedFor = (stack: Synthesized, role: string, action: string): readonly PolicyStatement[] =>
  granted(stack, role).filter(({ Action }) => Action.includes(action))

export const trust = (stack: Synthesized, role: string): readonly PolicyStatement[] =>
  statementsIn(named(stack, 'aws_iam_role', role)['assume_role_policy'])

/** Every statement of every identity policy and queue policy. */
export const everyStatement = (stack: Synthesized): readonly PolicyStatement[] => [
  ...all(stack, 'aws_iam_role_policy').flatMap((policy) => statementsIn(policy['policy'])),
  ...all(stack, 'aws_sqs_queue').flatMap((queue) => (queue['policy'] === undefined ? [] : statementsIn(queue['policy']))),
]
