// Asks the AWS under test what it holds, without a client for each service: only answers' text is looked at.

interface Question {
  readonly service: string
  readonly path?: string
  /** X-Amz-Target and its content type's version; without it the path says all. */
  readonly target?: readonly [string, '1.0' | '1.1']
  readonly body?: string
}

const answer = async (awsUrl: string, region: string, { service, path = '/', target, body }: Question): Promise<string> => {
  const response = await fetch(`${awsUrl}${path}`, {
    method: target || body !== undefined ? 'POST' : 'GET',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
      'x-amz-date': '20260101T000000Z',
      ...(target
        ? { 'x-amz-target': target[0], 'content-type': `application/x-amz-json-${target[1]}` }
        : { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }),
    },
    ...(target ? { body: body ?? '{}' } : body === undefined ? {} : { body }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${service} ${target?.[0] ?? path} answered ${response.status}: ${text.slice(0, 300)}`)
  return text
}

/** Every kind of thing that a deployment makes and that could be left behind. */
const kinds: readonly Question[] = [
  { service: 'states', target: ['AWSStepFunctions.ListStateMachines', '1.0'] },
  { service: 'ssm', target: ['AmazonSSM.ListDocuments', '1.1'], body: '{"Filters":[{"Key":"Owner","Values":["Self"]}]}' },
  { service: 'logs', target: ['Logs_20140328.DescribeLogGroups', '1.1'] },
  { service: 'events', target: ['AWSEvents.ListRules', '1.1'] },
  { service: 'sqs', target: ['AmazonSQS.ListQueues', '1.0'] },
  { service: 'lambda', path: '/2015-03-31/functions' },
  { service: 'apigateway', path: '/v2/apis' },
  { service: 'iam', body: 'Action=ListRoles&Version=2010-05-08' },
  { service: 'monitoring', body: 'Action=DescribeAlarms&Version=2010-08-01' },
]

/** Names of what there is in a region and begins with one of the prefixes, after its service. */
export const deployedNames = async (awsUrl: string, region: string, prefixes: readonly string[]): Promise<string[]> => {
  const found = await Promise.all(
    kinds.map(async (question) => {
      const text = await answer(awsUrl, region, question)
      const names = text.match(new RegExp(`(?<![A-Za-z0-9-])(${prefixes.join('|')})-[A-Za-z0-9-]+`, 'g')) ?? []
      return [...new Set(names)].map((name) => `${question.service} ${name}`)
    }),
  )
  return found.flat().sort()
}

/** @returns undefined where there is no such document */
export const documentContent = async (awsUrl: string, region: string, name: string): Promise<string | undefined> => {
  try {
    const text = await answer(awsUrl, region, {
      service: 'ssm',
      target: ['AmazonSSM.GetDocument', '1.1'],
      body: JSON.stringify({ Name: name }),
    })
    return (JSON.parse(text) as { Content: string }).Content
  } catch {
    return undefined
  }
}
