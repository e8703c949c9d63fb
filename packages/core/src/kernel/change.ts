/**
 * One thing a decision wants to be true. Rules return changes; a store commits all changes of a decision
 * in one transaction, or none. Each chapter declares its own union, discriminated by `kind`.
 */
export interface Change {
  readonly kind: string;
}

/** `conflict`: a version or state a change relied on was no longer there; nothing was written. */
export type CommitResult = 'committed' | 'conflict';

/** The write half of every store. */
export interface Committer<C extends Change> {
  commit(changes: readonly C[]): Promise<CommitResult>;
}

/** How often a service decides again after a conflict before it gives up. */
export const COMMIT_ATTEMPTS_MAX = 3;
