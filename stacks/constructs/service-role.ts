// A role that one AWS service assumes for one resource, with one inline policy. No managed policies: they grant what we do not use.

import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy/index.js'
import { IamRole } from '@cdktf/provider-aws/lib/iam-role/index.js'
import { Construct } from 'constructs'
import { arnOf, type Placement } from '../placement.ts'

/** An allowing statement of a policy. */
export interface Statement {
  readonly actions: readonly string[]
  /** ARNs, or `*` for actions that take no resource. */
  readonly resources: readonly string[]
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

export interface ServiceRoleProps {
  readonly placement: Placement
  /** The resource's name; the role's adds the region, for IAM knows no regions. */
  readonly name: string
  /** The principal, as in lambda.amazonaws.com. */
  readonly service: string
  /** Service and resource part of the one ARN that may use the role; leave it out where the service does not send it. */
  readonly sourceArn?: { readonly service: string; readonly resource: string }
  readonly statements: readonly Statement[]
}

/** For actions that AWS grants on everything or not at all. */
export const everyResource = ['*']

export const xrayStatement: Statement = { actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], resources: everyResource }

const policyJson = (statements: readonly object[]): string => JSON.stringify({ Version: '2012-10-17', Statement: statements })

export class ServiceRole extends Construct {
  readonly arn: string
  /** Depend on it where AWS checks permissions at creation, or where the first call may come at once. */
  readonly policy: IamRolePolicy

  constructor(scope: Construct, id: string, { placement, name, service, sourceArn, statements }: ServiceRoleProps) {
    super(scope, id)
    const { provider, account } = placement
    const role = new IamRole(this, 'role', {
      provider,
      name: `${name}-${placement.region}`,
      assumeRolePolicy: policyJson([
        {
          Effect: 'Allow',
          Principal: { Service: service },
          Action: 'sts:AssumeRole',
          // Otherwise the service could be talked into using our role for somebody else's resource (the confused deputy).
          Condition: {
            StringEquals: { 'aws:SourceAccount': account },
            ...(sourceArn && { ArnEquals: { 'aws:SourceArn': arnOf(placement, sourceArn.service, sourceArn.resource) } }),
          },
        },
      ]),
    })
    this.arn = role.arn
    this.policy = new IamRolePolicy(this, 'policy', {
      provider,
      name,
      role: role.name,
      policy: policyJson(
        statements.map(({ actions, resources, conditions }) => ({
          Effect: 'Allow',
          Action: actions,
          Resource: resources,
          ...(conditions && { Condition: conditions }),
        })),
      ),
    })
  }
}
