// What the Slack endpoint lets through: as deployed, and as the local run emulates it.

/** Concurrent calls that every account has, also a new one. */
const smallestQuota = 10

/**
 * A request that is refused by its shape holds the function for a few milliseconds, so each concurrent call bears ten a second. A flood of
 * unsigned requests must be large to keep people's commands out, and cannot run up a bill: at most some ten dollars a day.
 * @param reservedConcurrency of slack-command; undefined: it shares the account's
 */
export const throttleOf = (reservedConcurrency = smallestQuota): { readonly rate: number; readonly burst: number } => ({
  rate: 10 * reservedConcurrency,
  burst: 10 * reservedConcurrency,
})
