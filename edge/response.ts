// What an HTTP answer says of itself, whoever made it.

/** Age and its like: seconds without a sign or a fraction. */
export const wholeSeconds = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined

/** @param status 0 stands for no answer */
export const responseProblem = (status: number): string | undefined => {
  if (status === 0) return 'there was no answer'
  return status >= 400 ? `the answer was HTTP ${status}` : undefined
}
