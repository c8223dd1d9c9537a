/** What the slash command understands beside a target's id, so that no target may be called so. */
export const commandWords = ['help', 'list'] as const
export type CommandWord = (typeof commandWords)[number]
