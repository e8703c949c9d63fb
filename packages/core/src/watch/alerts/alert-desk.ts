import type { AuditChange } from '../../guard/audit/audit-entry.ts';
import { type Change, COMMIT_ATTEMPTS_MAX, type CommitResult } from '../../kernel/change.ts';
import { isOpsException, opsException } from '../../kernel/ops-exception.ts';
import { SerialQueue } from '../../kernel/serial-queue.ts';
import { AlertBook } from './alert-book.ts';
import type { AlertChange } from './alert-changes.ts';
import { AlertDraft } from './alert-draft.ts';
import type { ForgettableHistory, StoredAlerts } from './alert-store.ts';
import { RECENT_NOTICES_MS } from './recent-notices.ts';

/** After so many commits the book drops what can no longer come back. */
const PRUNE_EVERY = 256;

/** Where alerts are written and read; `C` are the changes of other chapters that go into the same commits. */
export interface AlertDeskRecord<C extends Change> {
  commit(changes: ReadonlyArray<C | AlertChange | AuditChange>): Promise<CommitResult>;
  readAlerts(sinceMs: number): Promise<StoredAlerts>;
  readForgettable(beforeMs: number, limit: number): Promise<ForgettableHistory>;
}

interface AlertDeskOptions<C extends Change> {
  readonly record: AlertDeskRecord<C>;
  readonly now: () => number;
  /** Called after every commit with what was written about alerts. */
  readonly onCommitted: (changes: readonly AlertChange[]) => void;
}

/** Refusals of the store after which everything is as it was: locked, full, against a rule. */
const NOTHING_WRITTEN: readonly string[] = ['SYS-0102', 'SYS-0302', 'SYS-0106'];

/** What a decision led to. */
export interface Decided<T> {
  readonly result: CommitResult;
  readonly value: T;
}

/**
 * The one place where alerts are decided: one decision after another, each on the book as the last commit left it. The
 * book follows a commit and never runs ahead of it; when it cannot know what was written it is read again.
 */
export class AlertDesk<C extends Change> {
  readonly book = new AlertBook();
  readonly #options: AlertDeskOptions<C>;
  readonly #queue = new SerialQueue();
  #stale = true;
  #applied = 0;

  constructor(options: AlertDeskOptions<C>) {
    this.#options = options;
  }

  /** Reads the book from the store. */
  load(): Promise<void> {
    return this.#queue.run(() => this.#load());
  }

  /**
   * Decides and commits, together with changes of other chapters. After a conflict the decision is made again on what is
   * stored, so that only a conflict of the other changes is left; it leaves the book as it was. What `decision` throws
   * is thrown, and nothing is written.
   */
  decide<T>(decision: (draft: AlertDraft) => T, also: readonly C[] = []): Promise<Decided<T>> {
    return this.#queue.run(async () => {
      for (let attempt = 1; ; attempt++) {
        const decided = await this.#try(decision, also);
        if (decided.result === 'committed') return decided;
        if (attempt < COMMIT_ATTEMPTS_MAX) continue;
        if (also.length > 0) return decided;
        throw opsException('LOG-0101', 'alerts: the same decision met a conflict three times');
      }
    });
  }

  async #try<T>(decision: (draft: AlertDraft) => T, also: readonly C[]): Promise<Decided<T>> {
    if (this.#stale) await this.#load();
    const draft = new AlertDraft(this.book, this.#options.now());
    const value = decision(draft);
    const changes = draft.changes();
    if (changes.length === 0 && also.length === 0) return { result: 'committed', value };
    const result = await this.#commit([...also, ...changes, ...draft.audits]);
    if (result === 'conflict') return { result, value };
    this.book.apply(changes);
    this.#applied += 1;
    if (this.#applied % PRUNE_EVERY === 0) this.book.prune(this.#options.now());
    if (changes.length > 0) this.#options.onCommitted(changes);
    return { result, value };
  }

  /** Until a clear answer is there nobody knows what the store holds. */
  async #commit(changes: ReadonlyArray<C | AlertChange | AuditChange>): Promise<CommitResult> {
    try {
      const result = await this.#options.record.commit(changes);
      this.#stale = result === 'conflict';
      return result;
    } catch (error) {
      this.#stale = !(isOpsException(error) && NOTHING_WRITTEN.includes(error.code));
      throw error;
    }
  }

  async #load(): Promise<void> {
    const sinceMs = this.#options.now() - RECENT_NOTICES_MS;
    this.book.load(await this.#options.record.readAlerts(sinceMs));
    this.#stale = false;
  }
}
