import { opsException } from '../../kernel/ops-exception.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Follow, Runs } from '../executions/runs.ts';
import type { TargetStates } from '../targets/target-states.ts';
import type { Dependents } from './dependents.ts';
import { NOTHING_FOLLOWS } from './follow-draft.ts';
import { type PlannedTurn, planTurn, requestOf, type SchedulerChange } from './turn-plan.ts';
import { decideTurn } from './turn-rules.ts';

/** What the turns of targets are decided and written with. */
export interface TurnTakingOptions {
  readonly states: TargetStates<SchedulerChange>;
  readonly runs: Runs;
  readonly dependents: Dependents;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One look at the targets that are due. */
export interface Look {
  readonly nowMs: number;
  /** Every due slot is recorded as skipped with reason `draining`. */
  readonly draining: boolean;
}

/**
 * Decides the turns of due targets and writes them, with what follows from them and what starts. Inside the decision:
 * nobody else decides meanwhile.
 */
export class TurnTaking {
  readonly #options: TurnTakingOptions;
  readonly #startNow = new Set<string>();

  constructor(options: TurnTakingOptions) {
    this.#options = options;
  }

  /** Runs a target at its next turn although no slot is due. */
  startNow(targetId: string): void {
    this.#startNow.add(targetId);
  }

  /** Whether a target is to be run at its next turn although no slot is due. */
  isStartedNow(targetId: string): boolean {
    return this.#startNow.has(targetId);
  }

  /** Nothing is run any more for which no slot is due. */
  forgetStarts(): void {
    this.#startNow.clear();
  }

  /**
   * All turns in one transaction, with what follows from them and what starts; when one of them conflicts, each on its
   * own, so that one cannot hold up the others. Work starts before any other decision is made, so that nobody finds a
   * RUNNING row without its run.
   */
  async take(due: readonly string[], look: Look): Promise<void> {
    const { runs, dependents } = this.#options;
    const perPool = new Map<string, number>();
    const planned = due.flatMap((id) => this.#plan(id, look, perPool));
    if (planned.length === 0 && !runs.hasWaiting) return;
    if (await this.#commitFollow(planned, dependents.afterTurns(planned))) return;
    const stuck: string[] = [];
    for (const turn of planned) if (!(await this.#takeAlone(turn))) stuck.push(turn.definition.id);
    await this.#startAlone();
    if (stuck.length === 0) return;
    throw opsException('BAT-0103', `the stored state of ${stuck.join(', ')} was changed by somebody else`);
  }

  /**
   * Writes what a start has to write `first`, and in the same transaction what follows from it that nobody decided
   * before an engine died.
   *
   * @throws BAT-0103 when the store was changed meanwhile; nothing was written.
   */
  async reconcile(follow: Follow, first: readonly SchedulerChange[]): Promise<void> {
    if (await this.#commitFollow([], follow, first)) return;
    throw opsException('BAT-0103', 'the store was changed while the engine was starting; start again');
  }

  /** `first`: what is written before it in the same transaction. */
  async #commitFollow(
    planned: readonly PlannedTurn[],
    follow: Follow,
    first: readonly SchedulerChange[] = [],
  ): Promise<boolean> {
    const { states, runs } = this.#options;
    const request = requestOf(planned, follow);
    const plan = runs.planDispatch(request);
    const decided = planned.flatMap((turn) => turn.changes);
    const changes = [...first, ...decided, ...follow.changes, ...plan.changes];
    const next = [...request.states, ...plan.states];
    if (changes.length > 0 && (await states.commit(changes, next)) === 'conflict') return false;
    runs.applyDispatch(plan, request);
    this.#committed(planned, follow);
    return true;
  }

  /** One turn without a start, so that no run that waits can stand in its way. */
  async #commitAlone(turn: PlannedTurn): Promise<boolean> {
    const { states, runs, dependents } = this.#options;
    const follow = dependents.afterTurns([turn]);
    const request = requestOf([turn], follow);
    const changes = [...turn.changes, ...follow.changes];
    if ((await states.commit(changes, request.states)) === 'conflict') return false;
    runs.enqueue(request);
    this.#committed([turn], follow);
    return true;
  }

  #committed(planned: readonly PlannedTurn[], follow: Follow): void {
    for (const turn of planned) this.#startNow.delete(turn.definition.id);
    follow.committed();
    for (const turn of planned) if (turn.cancelsRunning) this.#options.runs.cancel(turn.definition.id);
  }

  /** Starts what waits; when that conflicts, gives up on the runs whose rows somebody else has changed. */
  async #startAlone(): Promise<void> {
    if (await this.#commitFollow([], NOTHING_FOLLOWS)) return;
    const { runs, logger } = this.#options;
    for (const executionId of await runs.startSingly()) {
      logger.error('a run that waited is not started: its row has moved on', {
        executionId,
        code: 'BAT-0103',
      });
    }
  }

  /** False when the stored state of the target is not the one that was decided on. */
  async #takeAlone(turn: PlannedTurn): Promise<boolean> {
    if (await this.#commitAlone(turn)) return true;
    if (!(await this.#commitAlone(turn.withoutStarts()))) return false;
    const targetId = turn.definition.id;
    this.#options.logger.warn('a slot had been recorded before; it is not run again', { targetId });
    return true;
  }

  /** `planned`: how many runs the turns before this one add to each pool. */
  #plan(id: string, { nowMs, draining }: Look, planned: Map<string, number>): readonly PlannedTurn[] {
    const { states, runs } = this.#options;
    const definition = states.findDefinition(id);
    if (definition === undefined) return [];
    const state = states.require(id);
    const { pool } = definition.policies;
    const turn = decideTurn({
      definition,
      state,
      nowMs,
      occupied: runs.occupiedBy(id),
      poolFull: runs.isPoolFull(pool, planned.get(pool) ?? 0),
      draining,
      startNow: this.#startNow.has(id) && !draining,
    });
    if (turn === undefined) return [];
    planned.set(pool, (planned.get(pool) ?? 0) + turn.starts.length);
    return [planTurn({ definition, state, turn, nowMs, waiting: runs.waiting(id) })];
  }
}
