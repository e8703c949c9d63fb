import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Execution, SlotSkip } from '../run/executions/execution.ts';
import type { Runs } from '../run/executions/runs.ts';
import { nextRunMs } from '../run/scheduler/turn-rules.ts';
import type { TargetStates } from '../run/targets/target-states.ts';
import type { OpsFeed } from './ops-feed.ts';
import type { OpsChange, OpsStore } from './ops-store.ts';
import { auditView, executionView, targetView } from './view-rules.ts';

interface FeedBindingOptions {
  readonly feed: OpsFeed;
  readonly states: TargetStates<OpsChange>;
  readonly runs: Runs;
  readonly store: Pick<OpsStore, 'lastAuditSeq' | 'readAuditAfter' | 'queryExecutions' | 'readSkips'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Audit rows that are read at once. */
const AUDIT_PAGE_ROWS = 100;

/** Turns committed changes into views. Views are made a moment after the commit, once for everything that moved. */
export class FeedBinding {
  readonly #options: FeedBindingOptions;
  readonly #movedTargets = new Set<string>();
  readonly #movedExecutions = new Map<string, Execution>();
  /** Targets with a run that reported progress. */
  readonly #progressed = new Set<string>();
  readonly #lastSkips = new Map<string, SlotSkip>();
  /** Targets with a slot that became an execution after their last skip: the next skip begins a new row. */
  readonly #ranSinceSkip = new Set<string>();
  #closed = false;
  #auditedSeq = 0;
  #auditMoved = false;
  #cancelFlush: (() => void) | undefined;

  constructor(options: FeedBindingOptions) {
    this.#options = options;
  }

  /** Fills the feed with what the store holds at the start. */
  async load(recentExecutions: number): Promise<void> {
    const { store, feed, states } = this.#options;
    for (const definition of states.definitions()) {
      const [skip] = await store.readSkips(definition.id, 1);
      if (skip !== undefined) this.#lastSkips.set(definition.id, skip);
      this.#movedTargets.add(definition.id);
    }
    const { items } = await store.queryExecutions({ limit: recentExecutions });
    for (const execution of items.toReversed()) feed.showExecution(executionView(execution));
    this.#auditedSeq = await store.lastAuditSeq();
    this.flush();
  }

  /** Takes note of what was committed. */
  committed(changes: readonly OpsChange[]): void {
    for (const change of changes) this.#note(change);
    this.#flushSoon();
  }

  /**
   * Takes note of something that moved without a commit: progress in memory, a function that settled, a run that is no
   * longer here. The other runs of the target are shown again only for progress, and once however many report it.
   */
  moved(targetId: string, what: 'progress' | 'settled-late' | 'ended'): void {
    this.#movedTargets.add(targetId);
    if (what === 'progress') this.#progressed.add(targetId);
    this.#flushSoon();
  }

  /** Makes the views of everything that moved. */
  flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    const { feed, runs } = this.#options;
    for (const id of this.#progressed) {
      for (const { execution } of runs.of(id)) this.#movedExecutions.set(execution.id, execution);
    }
    this.#progressed.clear();
    for (const id of this.#movedTargets) this.#showTarget(id);
    this.#movedTargets.clear();
    for (const execution of this.#movedExecutions.values()) {
      feed.showExecution(executionView(execution, runs.find(execution.id)));
    }
    this.#movedExecutions.clear();
    if (this.#auditMoved) this.#showAuditSoon();
    this.#auditMoved = false;
  }

  /** Makes the last views; what moves afterwards is no longer shown. */
  close(): void {
    this.flush();
    this.#closed = true;
  }

  #note(change: OpsChange): void {
    switch (change.kind) {
      case 'execution.insert':
        if (change.execution.scheduledAtMs !== undefined) this.#ranSinceSkip.add(change.execution.jobId);
        this.#movedExecutions.set(change.execution.id, change.execution);
        this.#movedTargets.add(change.execution.jobId);
        return;
      case 'execution.update':
        this.#movedExecutions.set(change.execution.id, change.execution);
        this.#movedTargets.add(change.execution.jobId);
        return;
      case 'target.insert':
      case 'target.update':
        this.#movedTargets.add(change.state.targetId);
        return;
      case 'slot.skip':
        this.#noteSkip(change.skip, change.apart === true);
        this.#movedTargets.add(change.skip.targetId);
        return;
      case 'audit.append':
        this.#auditMoved = true;
        return;
      default:
    }
  }

  /** As the store does: skips of one reason in a row are one. */
  #noteSkip(skip: SlotSkip, apart: boolean): void {
    const last = this.#lastSkips.get(skip.targetId);
    const follows =
      !apart &&
      last?.reason === skip.reason &&
      last.toMs < skip.fromMs &&
      !this.#ranSinceSkip.has(skip.targetId);
    const joined =
      follows && last !== undefined ? { ...skip, fromMs: last.fromMs, count: last.count + skip.count } : skip;
    this.#lastSkips.set(skip.targetId, joined);
    this.#ranSinceSkip.delete(skip.targetId);
  }

  #showTarget(id: string): void {
    const { states, runs, feed } = this.#options;
    const definition = states.findDefinition(id);
    if (definition === undefined) return;
    const state = states.require(id);
    feed.showTarget(
      targetView({
        definition,
        state,
        running: runs.of(id)[0],
        detached: runs.isDetached(id),
        nextSlotMs: nextRunMs(definition, state),
        lastSkip: this.#lastSkips.get(id),
        waiting: runs.occupiedBy(id).waiting,
        poolHasLimit: runs.hasLimit(definition.policies.pool),
      }),
    );
  }

  /** The rows are read back, because only the store knows their numbers. */
  #showAuditSoon(): void {
    this.#showAudit().catch((error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      this.#options.logger.warn('could not show the newest audit rows', { error: text });
    });
  }

  async #showAudit(): Promise<void> {
    const { store, feed } = this.#options;
    for (;;) {
      const rows = await store.readAuditAfter(this.#auditedSeq, AUDIT_PAGE_ROWS);
      for (const row of rows) {
        // Another reading may have shown it meanwhile.
        if (row.seq <= this.#auditedSeq) continue;
        this.#auditedSeq = row.seq;
        feed.showAudit(auditView(row));
      }
      if (rows.length < AUDIT_PAGE_ROWS) return;
    }
  }

  #flushSoon(): void {
    if (!this.#closed) this.#cancelFlush ??= this.#options.clock.setTimer(() => this.flush(), 0);
  }
}
