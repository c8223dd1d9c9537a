/** What an operator wrote is wrong: the message says where and what, and needs no stack trace. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}
