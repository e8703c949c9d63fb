import type { CommitResult } from '../kernel/change.ts';
import { isOpsException } from '../kernel/ops-exception.ts';
import type { Logger } from '../ports/logger.ts';
import type { AlertSignal } from '../watch/alerts/alert.ts';
import type { OpsChange } from './ops-store.ts';
import { signalsOf } from './reactions.ts';

interface AlertingCommitOptions {
  /** Writes without looking for alerts. */
  readonly commit: (changes: readonly OpsChange[]) => Promise<CommitResult>;
  /** Writes together with the alerts that follow. */
  readonly commitWith: (
    changes: readonly OpsChange[],
    signals: readonly AlertSignal[],
  ) => Promise<CommitResult>;
  /** Jobs whose failure is one of backup; default: none. */
  readonly backupJobs?: ReadonlySet<string> | undefined;
  readonly logger: Logger;
  /** Called with signals that could not become alerts; the last resort is a line in the log. */
  readonly onLost: (signals: readonly AlertSignal[]) => void;
}

/** The store is out of order, with or without alerts: whoever asked tries again. */
const STORE_FAILURES: readonly string[] = ['SYS-0101', 'SYS-0102', 'SYS-0103', 'SYS-0302'];

/**
 * The one way anything is written. Changes that mean something for alerts go through the alerts' queue and are written
 * in one transaction with what follows; all others go straight to the store.
 */
export class AlertingCommit {
  readonly #options: AlertingCommitOptions;

  constructor(options: AlertingCommitOptions) {
    this.#options = options;
  }

  async commit(changes: readonly OpsChange[]): Promise<CommitResult> {
    const { commit, commitWith, backupJobs } = this.#options;
    const signals = signalsOf(changes, backupJobs);
    if (signals.length === 0) return commit(changes);
    try {
      return await commitWith(changes, signals);
    } catch (error) {
      if (isOpsException(error) && STORE_FAILURES.includes(error.code)) throw error;
      return await this.#withoutAlerts(changes, signals, error);
    }
  }

  /** A defect of the alerts must not keep a run from ending on record. When that fails as well, it was not the alerts. */
  async #withoutAlerts(
    changes: readonly OpsChange[],
    signals: readonly AlertSignal[],
    error: unknown,
  ): Promise<CommitResult> {
    const { commit, logger, onLost } = this.#options;
    const result = await commit(changes);
    if (result === 'conflict') return result;
    const text = error instanceof Error ? error.message : String(error);
    logger.error('an alert could not be recorded together with its cause', { code: 'LOG-0501', error: text });
    onLost(signals);
    return result;
  }
}
