// One JSON line a request. It tells a refused signature (status 401) from a function that broke (integrationError) and from
// Slack's own time-out (a long responseLatency). No header and no body: they hold the signature and user names, and a
// caller's own text could break out of the JSON.

const fields = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  sourceIp: '$context.identity.sourceIp',
  route: '$context.routeKey',
  status: '$context.status',
  error: '$context.error.message',
  integrationStatus: '$context.integration.status',
  integrationError: '$context.integrationErrorMessage',
  integrationRequestId: '$context.integration.requestId',
  integrationLatency: '$context.integrationLatency',
  responseLatency: '$context.responseLatency',
  responseLength: '$context.responseLength',
}

export const accessLogFormat = JSON.stringify(fields)
