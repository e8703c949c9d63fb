import {
  type EngineView,
  type ExecutionView,
  type FeedMessage,
  type OpsDelta,
  type OpsSnapshot,
  PROTOCOL_VERSION,
  type TargetView,
} from '../client/ops-views.ts';
import '../client/client-errors.ts';
import type { AlertView, HealthCheckView } from '../client/watch-views.ts';
import { opsException } from '../kernel/ops-exception.ts';
import type { Clock } from '../ports/clock.ts';
import { FeedQueue } from './feed-queue.ts';
import { nothingWatched, type WatchSnapshot } from './watch/watch-board.ts';

/** The newest executions a snapshot holds. */
export const SNAPSHOT_EXECUTIONS_MAX = 200;

/** A delta before it is numbered. */
type DeltaBody = OpsDelta extends infer D ? (D extends OpsDelta ? Omit<D, 'seq' | 'atMs'> : never) : never;

interface OpsFeedOptions {
  readonly clock: Clock;
  readonly engine: () => EngineView;
  readonly beatEveryMs: number;
  /** Alerts and checks as they are now; default: none. */
  readonly watched?: (() => WatchSnapshot | undefined) | undefined;
}

/** What screens see: one current view of everything, numbered deltas, and a bounded queue for each that watches. */
export class OpsFeed {
  readonly #options: OpsFeedOptions;
  readonly #targets = new Map<string, TargetView>();
  /** Kept apart, so that the oldest of those that may be dropped is always the first. */
  readonly #running = new Map<string, ExecutionView>();
  readonly #notRunning = new Map<string, ExecutionView>();
  readonly #queues = new Set<FeedQueue>();
  #seq = 0;
  #closed = false;
  #cancelBeat: (() => void) | undefined;

  constructor(options: OpsFeedOptions) {
    this.#options = options;
  }

  snapshot(): OpsSnapshot {
    const executions = [...this.#running.values(), ...this.#notRunning.values()].sort(newestFirst);
    const { clock, watched } = this.#options;
    return {
      protocol: PROTOCOL_VERSION,
      seq: this.#seq,
      atMs: this.#options.clock.now(),
      engine: this.#options.engine(),
      targets: [...this.#targets.values()],
      executions,
      ...(watched?.() ?? nothingWatched(clock.now())),
    };
  }

  target(id: string): TargetView | undefined {
    return this.#targets.get(id);
  }

  /** Takes over a target's view; says so only when it differs from the one before. */
  showTarget(target: TargetView): void {
    const before = this.#targets.get(target.id);
    if (before !== undefined && JSON.stringify(before) === JSON.stringify(target)) return;
    this.#targets.set(target.id, target);
    this.#publish({ kind: 'target', target });
  }

  showExecution(execution: ExecutionView): void {
    // Deleting first keeps the order of insertion the order of the last change, so the oldest is dropped below.
    this.#running.delete(execution.id);
    this.#notRunning.delete(execution.id);
    const executions = execution.status === 'RUNNING' ? this.#running : this.#notRunning;
    executions.set(execution.id, execution);
    this.#dropOldExecutions();
    this.#publish({ kind: 'execution', execution });
  }

  showEngine(): void {
    this.#publish({ kind: 'engine', engine: this.#options.engine() });
  }

  showAudit(entry: Extract<OpsDelta, { kind: 'audit' }>['entry']): void {
    this.#publish({ kind: 'audit', entry });
  }

  showAlert(alert: AlertView): void {
    this.#publish({ kind: 'alert', alert });
  }

  showCheck(check: HealthCheckView): void {
    this.#publish({ kind: 'check', check });
  }

  /** A snapshot, then deltas and beats, until the signal aborts. A reader that falls behind gets a new snapshot. */
  async *watch(signal: AbortSignal): AsyncGenerator<FeedMessage> {
    const queue = new FeedQueue(() => ({ kind: 'snapshot', snapshot: this.snapshot() }));
    this.#queues.add(queue);
    if (this.#closed) queue.close();
    else this.#startBeat();
    try {
      while (!signal.aborted) {
        const message = await queue.next(signal);
        if (message === undefined) {
          if (signal.aborted) return;
          throw opsException('EXT-0105', 'the engine has ended');
        }
        yield message;
      }
    } finally {
      this.#queues.delete(queue);
      if (this.#queues.size === 0) this.#stopBeat();
    }
  }

  /** Ends every watch, also those that begin later. */
  close(): void {
    this.#closed = true;
    this.#stopBeat();
    for (const queue of this.#queues) queue.close();
  }

  #publish(body: DeltaBody): void {
    this.#seq += 1;
    if (this.#queues.size === 0) return;
    const delta: OpsDelta = { ...body, seq: this.#seq, atMs: this.#options.clock.now() };
    for (const queue of this.#queues) queue.push({ kind: 'delta', delta });
  }

  #startBeat(): void {
    this.#cancelBeat ??= this.#options.clock.setTimer(() => {
      this.#cancelBeat = undefined;
      if (this.#queues.size === 0) return;
      for (const queue of this.#queues)
        queue.push({ kind: 'beat', atMs: this.#options.clock.now(), seq: this.#seq });
      this.#startBeat();
    }, this.#options.beatEveryMs);
  }

  #stopBeat(): void {
    this.#cancelBeat?.();
    this.#cancelBeat = undefined;
  }

  #dropOldExecutions(): void {
    for (const id of this.#notRunning.keys()) {
      if (this.#running.size + this.#notRunning.size <= SNAPSHOT_EXECUTIONS_MAX) return;
      this.#notRunning.delete(id);
    }
  }
}

function newestFirst(a: ExecutionView, b: ExecutionView): number {
  return b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1);
}
