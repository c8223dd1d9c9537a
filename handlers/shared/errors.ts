// The errors that leave a function. Their names are an API: ErrorEquals in purge.asl.json matches on them,
// and the names must survive minification, so each is a literal.

/** The execution's input is not a request that can be planned. Retrying cannot help. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest'
}

/** Run Command does not yet show a final state for every instance. Worth another look. */
export class InvocationsPending extends Error {
  override readonly name = 'InvocationsPending'
}

/** At least one instance did not purge the layer. */
export class LayerFailed extends Error {
  override readonly name = 'LayerFailed'
}

/** A parameter that should hold a secret is missing, empty or of the wrong form. */
export class SecretUnavailable extends Error {
  override readonly name = 'SecretUnavailable'
}

/** Cloudflare understood a purge request and refused it. */
export class EdgeRejected extends Error {
  override readonly name = 'EdgeRejected'
}

/** Cloudflare accepted nothing for several turns in a row. */
export class EdgeUnavailable extends Error {
  override readonly name = 'EdgeUnavailable'
}

/** AWS throttled a call of ours for longer than its client retries. Passes within minutes. */
export class AwsThrottled extends Error {
  override readonly name = 'AwsThrottled'
}

/** AWS did not answer a call of ours, or failed at it. Worth a retry. */
export class AwsUnavailable extends Error {
  override readonly name = 'AwsUnavailable'
}

/** Slack said nothing to a message: it may be there or not, so a retry may double it. */
export class SlackUnconfirmed extends Error {
  override readonly name = 'SlackUnconfirmed'
}

/** Slack did not take the message, or asked to come back later. Worth a retry. */
export class SlackUnavailable extends Error {
  override readonly name = 'SlackUnavailable'
}

/** Slack refused the message, also as plain text. Retrying cannot help. */
export class SlackRejected extends Error {
  override readonly name = 'SlackRejected'
}
