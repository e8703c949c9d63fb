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

/** At most so many turns are taken, and so many runs started, in one go; then the event loop has its turn. */
const TURNS_TOGETHER_MAX = 50;

/** Turns are decided for so long at most before they are written, ms: some schedules are costly to count. */
const DECIDING_MS = 5;

/** The clock is asked after so many turns: asking costs as much as a part of a turn. */
const TURNS_PER_CLOCK_LOOK = 5;

/** One look at the targets that are due. */
export interface Look {
  readonly nowMs: number;
  /** Whether every due slot is recorded as skipped with reason `draining`; this may change during the look. */
  readonly draining: () => boolean;
  /** Told of so many turns more that have been taken. */
  readonly onTaken: (count: number) => void;
}

/** Turns that are written in one transaction. */
interface TurnsTogether {
  readonly planned: readonly PlannedTurn[];
  /** Pools with a limit of which later turns of the same look may start runs that go first. */
  readonly heldPools: ReadonlySet<string>;
}

/** What became of a transaction; `more`: runs that could have been started were left for the next one. */
type Commit = 'done' | 'more' | 'conflict';

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
   * Many turns in one transaction, with what follows from them and what starts; when one of them conflicts, each on its
   * own, so that one cannot hold up the others. Work starts before any other decision is made, so that nobody finds a
   * RUNNING row without its run. Turns that are left when the store refuses are still due.
   */
  async take(due: readonly string[], look: Look): Promise<void> {
    const { clock } = this.#options;
    const lastOfPool = this.#lastOfPools(due);
    const stuck: string[] = [];
    let hasMore = false;
    for (let at = 0; at === 0 || at < due.length; ) {
      if (at > 0) await clock.nextTurn();
      const planned: PlannedTurn[] = [];
      const endAt = this.#decideSome(due, at, { look, planned });
      const heldPools = new Set([...lastOfPool].flatMap(([pool, last]) => (last < endAt ? [] : [pool])));
      const taken = await this.#takeTogether({ planned, heldPools });
      stuck.push(...taken.stuck);
      hasMore = taken.hasMore;
      look.onTaken(Math.min(endAt, due.length) - at);
      at = endAt;
    }
    while (hasMore) {
      await clock.nextTurn();
      hasMore = (await this.#startWaiting(new Set())) === 'more';
    }
    if (stuck.length === 0) return;
    throw opsException('BAT-0103', `the stored state of ${stuck.join(', ')} was changed by somebody else`);
  }

  /** Where in `due` the last target of each pool with a limit is: who goes first there is known only then. */
  #lastOfPools(due: readonly string[]): ReadonlyMap<string, number> {
    const { states, runs } = this.#options;
    const last = new Map<string, number>();
    if (!runs.hasLimits) return last;
    for (const [index, id] of due.entries()) {
      const pool = states.findDefinition(id)?.policies.pool;
      if (pool !== undefined && runs.hasLimit(pool)) last.set(pool, index);
    }
    return last;
  }

  /** Decides turns from `at` on, as many as fit together; returns the place of the first that is left. */
  #decideSome(
    due: readonly string[],
    at: number,
    { look, planned }: { readonly look: Look; readonly planned: PlannedTurn[] },
  ): number {
    const { clock } = this.#options;
    const perPool = new Map<string, number>();
    const begunMono = clock.mono();
    for (let next = at; ; next++) {
      const id = due[next];
      const count = next - at;
      const isLook = count > 0 && count % TURNS_PER_CLOCK_LOOK === 0;
      const isEnough = isLook && (count >= TURNS_TOGETHER_MAX || clock.mono() - begunMono >= DECIDING_MS);
      if (id === undefined || isEnough) return Math.max(next, at + 1);
      const turn = this.#plan(id, look, perPool);
      if (turn !== undefined) planned.push(turn);
    }
  }

  async #takeTogether(turns: TurnsTogether) {
    const { runs, dependents } = this.#options;
    const { planned, heldPools } = turns;
    if (planned.length === 0 && !runs.hasWaiting) return { stuck: [], hasMore: false };
    const commit = await this.#commitFollow(turns, dependents.afterTurns(planned));
    if (commit !== 'conflict') return { stuck: [], hasMore: commit === 'more' };
    const stuck: string[] = [];
    for (const turn of planned) if (!(await this.#takeAlone(turn))) stuck.push(turn.definition.id);
    return { stuck, hasMore: (await this.#startWaiting(heldPools)) === 'more' };
  }

  /**
   * Writes what a start has to write `first`, and in the same transaction what follows from it that nobody decided
   * before an engine died.
   *
   * @throws BAT-0103 when the store was changed meanwhile; nothing was written.
   */
  async reconcile(follow: Follow, first: readonly SchedulerChange[]): Promise<void> {
    if ((await this.#commitFollow({ planned: [], heldPools: new Set() }, follow, first)) !== 'conflict')
      return;
    throw opsException('BAT-0103', 'the store was changed while the engine was starting; start again');
  }

  /** `first`: what is written before it in the same transaction. */
  async #commitFollow(
    { planned, heldPools }: TurnsTogether,
    follow: Follow,
    first: readonly SchedulerChange[] = [],
  ): Promise<Commit> {
    const { states, runs } = this.#options;
    const request = { ...requestOf(planned, follow), heldPools, startsMax: TURNS_TOGETHER_MAX };
    const plan = runs.planDispatch(request);
    const decided = planned.flatMap((turn) => turn.changes);
    const changes = [...first, ...decided, ...follow.changes, ...plan.changes];
    const next = [...request.states, ...plan.states];
    if (changes.length > 0 && (await states.commit(changes, next)) === 'conflict') return 'conflict';
    runs.applyDispatch(plan, request);
    this.#committed(planned, follow);
    return plan.starts.length < TURNS_TOGETHER_MAX ? 'done' : 'more';
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
  async #startWaiting(heldPools: ReadonlySet<string>): Promise<Commit> {
    const { runs, logger } = this.#options;
    const commit = await this.#commitFollow({ planned: [], heldPools }, NOTHING_FOLLOWS);
    if (commit !== 'conflict') return commit;
    for (const executionId of await runs.startSingly(heldPools)) {
      logger.error('a run that waited is not started: its row has moved on', {
        executionId,
        code: 'BAT-0103',
      });
    }
    return 'done';
  }

  /** False when the stored state of the target is not the one that was decided on. */
  async #takeAlone(turn: PlannedTurn): Promise<boolean> {
    if (await this.#commitAlone(turn)) return true;
    if (!(await this.#commitAlone(turn.withoutStarts()))) return false;
    const targetId = turn.definition.id;
    this.#options.logger.warn('a slot had been recorded before; it is not run again', { targetId });
    return true;
  }

  /** Absent when nothing is due after all. `planned`: how many runs the turns before this one add to each pool. */
  #plan(id: string, look: Look, planned: Map<string, number>): PlannedTurn | undefined {
    const { states, runs } = this.#options;
    const { nowMs } = look;
    const draining = look.draining();
    const definition = states.findDefinition(id);
    if (definition === undefined) return undefined;
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
    if (turn === undefined) return undefined;
    planned.set(pool, (planned.get(pool) ?? 0) + turn.starts.length);
    return planTurn({ definition, state, turn, nowMs, waiting: runs.waiting(id) });
  }
}
