// One thing that a dry run found out.

import * as z from 'zod'

export const PreflightFinding = z.strictObject({
  /** `problem`: a purge would fail, or report a success that is none. `warning`: it would go through, and somebody should know this. */
  level: z.enum(['ok', 'warning', 'problem']),
  /** A layer's label, `Instances`, `Cloudflare` or `Probes`. */
  about: z.string(),
  /** The instances of which it is true; empty where it is true of all, or of none in particular. */
  where: z.array(z.string()),
  /** What was found and, unless it is in order, what to do next. */
  words: z.string(),
})
export type PreflightFinding = z.infer<typeof PreflightFinding>

/** What a rule says of one instance, before anybody knows of the others. */
export type Finding = Pick<PreflightFinding, 'level' | 'words'>

export const finding = (level: Finding['level'], words: string): Finding => ({ level, words })

/** Another version of purgeflow may have written them. */
export const unreadable = finding('warning', 'what the inspection found could not be read. Run it again')

/** Lets a kind judge data of an execution: facts and parameters count only where they are its own. */
export const judging =
  <F, P>(facts: z.ZodType<F>, parameters: z.ZodType<P>, judge: (facts: F, parameters: P) => readonly Finding[]) =>
  (someFacts: unknown, someParameters: unknown): readonly Finding[] => {
    const [read, given] = [facts.safeParse(someFacts), parameters.safeParse(someParameters)]
    return read.success && given.success ? judge(read.data, given.data) : [unreadable]
  }
