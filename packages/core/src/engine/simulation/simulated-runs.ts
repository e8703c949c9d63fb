import type { WaitingRun } from '../../run/executions/dispatch-rules.ts';
import type { StopRequest } from '../../run/executions/execution.ts';
import type { RunningExecution } from '../../run/executions/execution-rules.ts';
import { DueHeap } from '../../run/scheduler/due-heap.ts';
import type { TargetDefinition } from '../../run/targets/target.ts';

/** A run that goes on in a simulation. */
export interface SimulatedRun {
  readonly definition: TargetDefinition;
  readonly execution: RunningExecution;
  /** How long it had to wait although it could have started, ms. */
  readonly waitedMs: number;
  /** It would take longer than its target may. */
  readonly timesOut: boolean;
  endsAtMs: number;
  /** Set when a newer slot takes its place. */
  stop?: StopRequest;
}

/** How full a pool was. */
export interface PoolUse {
  readonly pool: string;
  /** Absent for a pool without a limit. */
  readonly limit?: number;
  readonly peakRunning: number;
  readonly peakWaiting: number;
  /** How long every place was taken, ms; 0 without a limit. */
  readonly saturatedMs: number;
  /** The longest wait of a run that has started, ms. */
  readonly longestWaitMs: number;
}

interface PoolCount {
  running: number;
  peakRunning: number;
  peakWaiting: number;
  saturatedMs: number;
  longestWaitMs: number;
  fullSinceMs: number | undefined;
}

/** The runs of a simulated engine that go on, when they end, and how full their pools are. */
export class SimulatedRuns {
  readonly #limits: Readonly<Record<string, number>>;
  readonly #byId = new Map<string, SimulatedRun>();
  readonly #ofTarget = new Map<string, SimulatedRun[]>();
  readonly #pools = new Map<string, PoolCount>();
  readonly #ends = new DueHeap();

  constructor(limits: Readonly<Record<string, number>>) {
    this.#limits = limits;
  }

  /** When the next run ends; absent when none goes on. */
  get nextEndMs(): number | undefined {
    return this.#ends.nextDueMs;
  }

  all(): readonly SimulatedRun[] {
    return [...this.#byId.values()];
  }

  lanesOf(targetId: string): readonly number[] {
    return (this.#ofTarget.get(targetId) ?? []).map((run) => run.execution.lane);
  }

  countOf(targetId: string): number {
    return this.#ofTarget.get(targetId)?.length ?? 0;
  }

  countIn(pool: string): number {
    return this.#pools.get(pool)?.running ?? 0;
  }

  /** Work that is asked to end ends. */
  detachedOf(): readonly [] {
    return [];
  }

  start(run: SimulatedRun, nowMs: number): void {
    const { id } = run.definition;
    this.#byId.set(run.execution.id, run);
    const beside = this.#ofTarget.get(id);
    if (beside === undefined) this.#ofTarget.set(id, [run]);
    else beside.push(run);
    this.#ends.set(run.execution.id, run.endsAtMs);
    const count = this.#poolOf(run.definition.policies.pool);
    count.running += 1;
    count.peakRunning = Math.max(count.peakRunning, count.running);
    count.longestWaitMs = Math.max(count.longestWaitMs, run.waitedMs);
    const limit = this.#limits[run.definition.policies.pool];
    if (limit !== undefined && count.running >= limit) count.fullSinceMs ??= nowMs;
  }

  /** Takes out the runs that have ended by now, the earliest first. */
  takeEnded(nowMs: number): readonly SimulatedRun[] {
    return this.#ends.takeDue(nowMs).flatMap((id) => this.#byId.get(id) ?? []);
  }

  remove(run: SimulatedRun, nowMs: number): void {
    const { id, policies } = run.definition;
    this.#byId.delete(run.execution.id);
    this.#ends.forget(run.execution.id);
    const left = (this.#ofTarget.get(id) ?? []).filter((other) => other !== run);
    this.#ofTarget.set(id, left);
    const count = this.#poolOf(policies.pool);
    count.running -= 1;
    this.#noteRoom(policies.pool, count, nowMs);
  }

  /** The runs of a target end now: they were asked to, and obey. */
  cancel(targetId: string, stop: StopRequest): void {
    for (const run of this.#ofTarget.get(targetId) ?? []) {
      run.stop ??= stop;
      run.endsAtMs = Math.min(run.endsAtMs, stop.atMs);
      this.#ends.set(run.execution.id, run.endsAtMs);
    }
  }

  /** The wall clock was set: what goes on ends so much earlier or later on it. */
  shift(byMs: number): void {
    for (const run of this.#byId.values()) {
      run.endsAtMs += byMs;
      this.#ends.set(run.execution.id, run.endsAtMs);
    }
    for (const count of this.#pools.values()) if (count.fullSinceMs !== undefined) count.fullSinceMs += byMs;
  }

  noteWaiting(waiting: readonly WaitingRun[], nowMs: number): void {
    const waitingIn = new Map<string, number>();
    for (const { definition, notBeforeMs } of waiting) {
      if (notBeforeMs > nowMs) continue;
      const { pool } = definition.policies;
      waitingIn.set(pool, (waitingIn.get(pool) ?? 0) + 1);
    }
    for (const [pool, number] of waitingIn) {
      const count = this.#poolOf(pool);
      count.peakWaiting = Math.max(count.peakWaiting, number);
    }
  }

  uses(nowMs: number): readonly PoolUse[] {
    return [...this.#pools].map(([pool, count]) => {
      const limit = this.#limits[pool];
      const open = count.fullSinceMs === undefined ? 0 : nowMs - count.fullSinceMs;
      const { peakRunning, peakWaiting, longestWaitMs } = count;
      const saturatedMs = count.saturatedMs + open;
      return {
        pool,
        ...(limit === undefined ? {} : { limit }),
        peakRunning,
        peakWaiting,
        saturatedMs,
        longestWaitMs,
      };
    });
  }

  #noteRoom(pool: string, count: PoolCount, nowMs: number): void {
    if (count.fullSinceMs === undefined || count.running >= (this.#limits[pool] ?? Number.POSITIVE_INFINITY))
      return;
    count.saturatedMs += Math.max(0, nowMs - count.fullSinceMs);
    count.fullSinceMs = undefined;
  }

  #poolOf(pool: string): PoolCount {
    const known = this.#pools.get(pool);
    if (known !== undefined) return known;
    const count: PoolCount = {
      running: 0,
      peakRunning: 0,
      peakWaiting: 0,
      saturatedMs: 0,
      longestWaitMs: 0,
      fullSinceMs: undefined,
    };
    this.#pools.set(pool, count);
    return count;
  }
}
