import { type WaitingRun, waitsFromMsOf } from './dispatch-rules.ts';

/** READY executions of this engine, in the order in which they came. */
export class WaitingRuns {
  readonly #runs = new Map<string, WaitingRun>();
  readonly #ofTarget = new Map<string, number>();
  readonly #inPool = new Map<string, number>();

  all(): readonly WaitingRun[] {
    return [...this.#runs.values()];
  }

  get size(): number {
    return this.#runs.size;
  }

  /** Those of one target, first come first. */
  of(targetId: string): readonly WaitingRun[] {
    if (this.countOf(targetId) === 0) return [];
    return this.all().filter((run) => run.definition.id === targetId);
  }

  countOf(targetId: string): number {
    return this.#ofTarget.get(targetId) ?? 0;
  }

  countIn(pool: string): number {
    return this.#inPool.get(pool) ?? 0;
  }

  add(run: WaitingRun): void {
    if (this.#runs.has(run.execution.id)) return;
    this.#runs.set(run.execution.id, run);
    this.#count(run, 1);
  }

  remove(executionId: string): void {
    // Looking for a new id costs as much as a part of a turn, and mostly nothing waits.
    if (this.#runs.size === 0) return;
    const run = this.#runs.get(executionId);
    if (run === undefined) return;
    this.#runs.delete(executionId);
    this.#count(run, -1);
  }

  /** Every instant that is waited for comes `byMs` earlier; the order stays. */
  setBack(byMs: number): void {
    for (const [id, run] of this.#runs) {
      const notBeforeMs = run.notBeforeMs - byMs;
      this.#runs.set(id, { ...run, notBeforeMs, waitsFromMs: waitsFromMsOf(run) - byMs });
    }
  }

  #count({ definition }: WaitingRun, by: number): void {
    const { pool } = definition.policies;
    this.#ofTarget.set(definition.id, this.countOf(definition.id) + by);
    this.#inPool.set(pool, this.countIn(pool) + by);
  }
}
