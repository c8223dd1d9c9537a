// An instance as the local AWS sees it: a folder that serves as its root directory, and how well Systems Manager reaches it.

/**
 * - `online`: runs what it is sent
 * - `offline`: never picks a command up, so that its delivery times out
 * - `undeliverable`, `access-denied`: refused at once
 * - `hanging`: picks a command up and never answers, until the execution time-out or a cancel
 */
type InstanceState = 'online' | 'offline' | 'undeliverable' | 'access-denied' | 'hanging'

export interface Instance {
  readonly instanceId: string
  readonly region: string
  readonly tags: Readonly<Record<string, string>>
  /** Absolute and without links: the script compares what it is given with where it is. */
  readonly root: string
  state: InstanceState
}
