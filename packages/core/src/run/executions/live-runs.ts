import type { ExecutionRun } from './execution-run.ts';

/** The runs that go on, by execution, target and pool; and functions that go on although their run was ended. */
export class LiveRuns {
  readonly #byExecution = new Map<string, ExecutionRun>();
  readonly #running = new Map<string, readonly ExecutionRun[]>();
  readonly #detached = new Map<string, readonly ExecutionRun[]>();
  readonly #inPool = new Map<string, number>();

  all(): Iterable<ExecutionRun> {
    return this.#byExecution.values();
  }

  get size(): number {
    return this.#byExecution.size;
  }

  find(executionId: string): ExecutionRun | undefined {
    return this.#byExecution.get(executionId);
  }

  /** Runs of a target, oldest first. */
  of(targetId: string): readonly ExecutionRun[] {
    return this.#running.get(targetId) ?? [];
  }

  /** Functions of a target that go on although their run was ended. */
  detachedOf(targetId: string): readonly ExecutionRun[] {
    return this.#detached.get(targetId) ?? [];
  }

  /** Runs of a pool that go on. */
  countIn(pool: string): number {
    return this.#inPool.get(pool) ?? 0;
  }

  /** Lanes of a target in which something goes on, without those of `ending`. */
  lanesOf(targetId: string, ending?: ExecutionRun): readonly number[] {
    if (this.of(targetId).length === 0 && this.detachedOf(targetId).length === 0) return [];
    const going = this.of(targetId).filter((run) => run !== ending);
    const lanes = [...going, ...this.detachedOf(targetId)].map((run) => run.execution.lane);
    // A run whose end is being written is in both lists when its function goes on.
    return [...new Set(lanes)];
  }

  add(run: ExecutionRun): void {
    const { id } = run.definition;
    this.#byExecution.set(run.execution.id, run);
    this.#running.set(id, [...this.of(id), run]);
    this.#count(run, 1);
  }

  /** Takes a run out whose end is on record. Repeatable. */
  remove(run: ExecutionRun): void {
    if (!this.#byExecution.delete(run.execution.id)) return;
    const { id } = run.definition;
    this.#running.set(id, without(this.of(id), run));
    this.#count(run, -1);
  }

  /** Notes that the work of a run goes on although the run is being ended. */
  detach(run: ExecutionRun): void {
    const { id } = run.definition;
    this.#detached.set(id, [...this.detachedOf(id), run]);
  }

  /** Takes a detached one out; false when it was none. */
  settle(run: ExecutionRun): boolean {
    const { id } = run.definition;
    const before = this.detachedOf(id);
    this.#detached.set(id, without(before, run));
    return before.includes(run);
  }

  #count({ definition }: ExecutionRun, by: number): void {
    const { pool } = definition.policies;
    this.#inPool.set(pool, this.countIn(pool) + by);
  }
}

function without(runs: readonly ExecutionRun[], gone: ExecutionRun): readonly ExecutionRun[] {
  return runs.filter((run) => run !== gone);
}
