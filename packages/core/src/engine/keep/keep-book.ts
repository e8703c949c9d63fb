import type { BackupsView } from '../../client/keep-client.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Execution } from '../../run/executions/execution.ts';
import type { AlertSignal } from '../../watch/alerts/alert.ts';
import type { Alerts } from '../../watch/alerts/alerts.ts';
import type { BackupReading } from '../../watch/health/self-readers.ts';
import type { OpsConfig } from '../config/ops-config.ts';
import type { OpsChange } from '../ops-store.ts';
import { drillRule } from './drill-age-rules.ts';
import {
  backupReadings,
  backupsView,
  newlyVerified,
  nextListing,
  noteSignals,
  staleRule,
  withoutNews,
} from './keep-listing-rules.ts';
import type { KeepState } from './keep-state.ts';
import type { BackupListing, KeepStore } from './keep-store.ts';
import { nextOverdueAtMs, overdueSignals } from './overdue-rules.ts';

/** A backup that becomes stale is noticed this late at most, also when the wall clock was set, ms. */
const LOOK_EVERY_MS = 60_000;
/** What every source is owed from time to time. */
const OWED = [staleRule, drillRule];

/** What the book of backups is kept with. */
export interface KeepBookOptions {
  readonly config: Pick<OpsConfig, 'keep' | 'targets'>;
  readonly store: KeepStore;
  readonly alerts: Pick<Alerts<OpsChange>, 'open' | 'commit'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What the last keep run left; absent where nothing is kept on disk. */
  readonly readState: (() => KeepState | undefined) | undefined;
}

/**
 * What the engine knows of the backups: the rows that keep runs leave in the state folder, kept in the store, and the
 * alerts that follow from them. It never looks at a backup root itself, whose disk may hang.
 */
export class KeepBook {
  readonly #options: KeepBookOptions;
  readonly #jobs: ReadonlySet<string>;
  #listing: BackupListing | undefined;
  #work: Promise<void> = Promise.resolve();
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(options: KeepBookOptions) {
    this.#options = options;
    this.#jobs = keepJobs(options.config);
  }

  /** Takes over what is stored and what was left since, and begins to watch the age of the newest backups. */
  async start(): Promise<void> {
    const { store, config, clock } = this.#options;
    this.#listing = await store.readBackups();
    await this.refresh();
    if (config.keep.backup === undefined) return;
    if (this.#listing === undefined) {
      // From now on a first backup is waited for.
      const atMs = clock.now();
      const first = { runId: '', act: '', atMs, sinceMs: atMs, backups: [], notes: [], drills: [] };
      await this.#record(first, []);
    }
    await this.#look();
  }

  /** Looks at what was left whenever a keep run has ended. */
  committed(changes: readonly OpsChange[]): void {
    const ended = changes.flatMap((change) =>
      change.kind === 'execution.update' &&
      change.execution.endedAtMs !== undefined &&
      this.#jobs.has(change.execution.jobId)
        ? [change.execution]
        : [],
    );
    if (ended.length > 0) void this.refresh(ended);
  }

  /** Reads what was left and files it; resolves when that is done. Never rejects: what fails is logged. */
  refresh(ended: readonly Execution[] = []): Promise<void> {
    this.#work = this.#work.then(async () => {
      try {
        await this.#refresh(ended);
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        this.#options.logger.error('what a run of backup or retention left could not be filed', {
          error: text,
        });
      }
    });
    return this.#work;
  }

  /** What every door shows, with what was left until now, also by acts outside of the engine. */
  async view(): Promise<BackupsView> {
    await this.refresh();
    return backupsView(this.#options.config.keep.backup, this.#listing);
  }

  /** For the check of backups. */
  readings(): readonly BackupReading[] {
    return backupReadings(this.#options.config.keep.backup, this.#listing);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#work;
  }

  async #refresh(ended: readonly Execution[]): Promise<void> {
    const { alerts, clock, readState } = this.#options;
    const state = readState?.();
    if (this.#closed) return;
    const before = this.#listing;
    const isNew = state !== undefined && (before?.runId !== state.runId || before.atMs !== state.atMs);
    const after = withoutNews(isNew ? nextListing(before, state) : before, { state, ended });
    if (after === undefined || after === before) return;
    const atMs = clock.now();
    await this.#record(after, noteSignals(alerts.open(), { before, after, atMs }));
    await this.#look();
  }

  /** The listing and what it means for alerts, in one transaction. */
  async #record(listing: BackupListing, signals: readonly AlertSignal[]): Promise<void> {
    const verified = newlyVerified(this.#listing, listing);
    await this.#options.alerts.commit([{ kind: 'backup.list', listing, verified }], signals);
    this.#listing = listing;
  }

  async #look(): Promise<void> {
    const { alerts, config, clock } = this.#options;
    const { backup } = config.keep;
    if (this.#listing === undefined || this.#closed) return;
    const nowMs = clock.now();
    const seen = { backup, listing: this.#listing, nowMs };
    const open = alerts.open();
    const signals = OWED.flatMap((rule) => overdueSignals(rule, open, seen));
    if (signals.length > 0) await alerts.commit([], signals);
    this.#arm();
  }

  #arm(): void {
    const { config, clock, logger } = this.#options;
    this.#cancel?.();
    if (this.#closed || config.keep.backup === undefined) return;
    const nowMs = clock.now();
    const { backup } = config.keep;
    const seen = { listing: this.#listing, nowMs };
    const dueMs = OWED.map((rule) => nextOverdueAtMs(rule, backup, seen));
    const delayMs = Math.min(LOOK_EVERY_MS, ...dueMs.map((atMs) => (atMs ?? Infinity) - nowMs));
    this.#cancel = clock.setTimer(() => {
      this.#work = this.#work
        .then(() => this.#look())
        .catch((error: unknown) => {
          const text = error instanceof Error ? error.message : String(error);
          logger.error('the age of the backups could not be looked at', { error: text });
          this.#arm();
        });
    }, delayMs);
  }
}

/** Jobs that back up, verify, expire or drill; care of the database is not among them. */
export function keepJobs({ targets }: Pick<OpsConfig, 'targets'>): ReadonlySet<string> {
  const ours = targets.filter(({ work }) => work.kind === 'keep' && work.act !== 'optimize-database');
  return new Set(ours.map(({ id }) => id));
}
