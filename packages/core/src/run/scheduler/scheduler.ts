import { opsException } from '../../kernel/ops-exception.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Follow, Runs } from '../executions/runs.ts';
import type { TargetDefinition } from '../targets/target.ts';
import type { TargetStates } from '../targets/target-states.ts';
import { jumpOf, restartAfterStep, type ScheduleRestart } from './clock-rules.ts';
import type { Dependents } from './dependents.ts';
import { DueHeap } from './due-heap.ts';
import { NOTHING_FOLLOWS } from './follow-draft.ts';
import { type PlannedTurn, planTurn, requestOf, type SchedulerChange } from './turn-plan.ts';
import { decideTurn, dueMs } from './turn-rules.ts';

/** The loop looks at least this often, so that a clock step or a resume from sleep is noticed within a second. */
export const WAKE_AT_LEAST_EVERY_MS = 1000;

/** After a refused commit the loop tries again after this long, ms. */
const RETRY_MS = 1000;

/** What the loop needs. */
export interface SchedulerOptions {
  readonly states: TargetStates<SchedulerChange>;
  readonly runs: Runs;
  readonly dependents: Dependents;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of a wall clock that was set forward (positive) or back, ms. */
  readonly onClockJump: (jumpMs: number) => void;
  /** Told after each look, with the number of targets that were due. */
  readonly onWake?: ((due: number) => void) | undefined;
}

/**
 * The loop: one timer, one heap. Idle → armed for the earliest slot (at most a second) → awake: every due target
 * is decided, all decisions are committed in one transaction, then the work starts → armed again.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #heap = new DueHeap();
  readonly #startNow = new Set<string>();
  /** Aborts when the loop must end and cannot wait for a store that refuses. */
  readonly #patience = new AbortController();
  #cancelTimer: () => void = () => {};
  #state: 'new' | 'running' | 'draining' | 'ended' = 'new';
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #wakes = 0;
  #lastNow = 0;
  #lastMono = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  /** How often the loop has looked; a watchdog checks that it grows. */
  get wakes(): number {
    return this.#wakes;
  }

  /** Begins to look. Targets whose schedule says so are run once now. */
  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'running';
    this.#lastNow = this.#options.clock.now();
    this.#lastMono = this.#options.clock.mono();
    for (const definition of this.#options.states.definitions()) {
      const schedule = definition.schedule;
      if (schedule?.kind === 'interval' && schedule.runOnStart) this.#startNow.add(definition.id);
      this.#place(definition);
    }
    this.#look();
  }

  /** From now on every due slot is recorded as skipped with reason `draining`; the loop goes on until `end`. */
  drain(): void {
    if (this.#state === 'running') this.#state = 'draining';
    this.#startNow.clear();
    this.poke();
  }

  /** Stops looking; resolves when a look that is going on has ended. */
  async end(): Promise<void> {
    this.#state = 'ended';
    this.#patience.abort();
    this.#cancelTimer();
    await this.#looking;
  }

  /** Something moved (a run ended): the next look comes when the target now says. */
  poke(targetId?: string): void {
    const definition = targetId === undefined ? undefined : this.#options.states.findDefinition(targetId);
    if (definition !== undefined) this.#place(definition);
    if (this.#state === 'new' || this.#state === 'ended') return;
    this.#arm();
  }

  /** Looks now: an operator or a late function has changed what may start. */
  lookAt(targetId: string): void {
    this.poke(targetId);
    if (this.#state !== 'new' && this.#state !== 'ended' && this.#options.runs.hasWaiting) this.#look();
  }

  /** When the loop will look at a target next; absent when only a run's end or an operator makes it due. */
  nextSlotMs(definition: TargetDefinition): number | undefined {
    return dueMs(definition, this.#options.states.require(definition.id));
  }

  #place(definition: TargetDefinition): void {
    const now = this.#startNow.has(definition.id) ? 0 : undefined;
    this.#heap.set(definition.id, now ?? this.nextSlotMs(definition));
  }

  #arm(): void {
    this.#cancelTimer();
    if (this.#state === 'ended') return;
    const nowMs = this.#options.clock.now();
    const readyMs = this.#options.runs.nextReadyMs(nowMs) ?? Number.POSITIVE_INFINITY;
    const untilDueMs = Math.min(this.#heap.nextDueMs ?? Number.POSITIVE_INFINITY, readyMs) - nowMs;
    const delayMs = Math.max(0, Math.min(Math.ceil(untilDueMs), WAKE_AT_LEAST_EVERY_MS));
    this.#cancelTimer = this.#options.clock.setTimer(() => this.#look(), delayMs);
  }

  /** One look at a time: a timer that fires during a look makes it look once more. */
  #look(): void {
    if (this.#looking !== undefined) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = this.#wake().finally(() => {
      this.#looking = undefined;
      if (this.#lookAgain) {
        this.#lookAgain = false;
        this.#look();
      } else this.#arm();
    });
  }

  async #wake(): Promise<void> {
    this.#wakes += 1;
    const { states, clock, logger } = this.#options;
    let due: readonly string[] = [];
    try {
      await states.exclusively(async () => {
        await this.#noticeClockJump();
        const nowMs = clock.now();
        due = this.#heap.takeDue(nowMs);
        await this.#takeTurns(due, nowMs);
      });
      this.#options.onWake?.(due.length);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      logger.error('the scheduler could not write its decisions; trying again', {
        error: text,
        retryMs: RETRY_MS,
      });
      await clock.sleep(RETRY_MS, this.#patience.signal).catch(() => undefined);
    } finally {
      for (const id of due) this.#placeAgain(id);
    }
  }

  #placeAgain(id: string): void {
    const definition = this.#options.states.findDefinition(id);
    if (definition !== undefined) this.#place(definition);
  }

  /**
   * All turns in one transaction, with what follows from them and what starts; when one of them conflicts, each on its
   * own, so that one cannot hold up the others. Work starts before any other decision is made, so that nobody finds a
   * RUNNING row without its run.
   */
  async #takeTurns(due: readonly string[], nowMs: number): Promise<void> {
    const perPool = new Map<string, number>();
    const planned = due.flatMap((id) => this.#plan(id, nowMs, perPool));
    if (planned.length === 0 && !this.#options.runs.hasWaiting) return;
    if (await this.#commitFollow(planned, this.#options.dependents.afterTurns(planned))) return;
    const stuck: string[] = [];
    for (const turn of planned) if (!(await this.#takeAlone(turn))) stuck.push(turn.definition.id);
    await this.#startAlone();
    if (stuck.length === 0) return;
    throw opsException('BAT-0103', `the stored state of ${stuck.join(', ')} was changed by somebody else`);
  }

  async #commitFollow(planned: readonly PlannedTurn[], follow: Follow): Promise<boolean> {
    const { states, runs } = this.#options;
    const request = requestOf(planned, follow);
    const plan = runs.planDispatch(request);
    const changes = [...planned.flatMap((turn) => turn.changes), ...follow.changes, ...plan.changes];
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

  /** What the records say that nobody decided before an engine died; once, before the loop starts. */
  async reconcile(follow: Follow): Promise<void> {
    await this.#options.states.exclusively(() => this.#commitFollow([], follow));
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
  #plan(id: string, nowMs: number, planned: Map<string, number>): readonly PlannedTurn[] {
    const { states, runs } = this.#options;
    const definition = states.findDefinition(id);
    if (definition === undefined) return [];
    const state = states.require(id);
    const draining = this.#state !== 'running';
    const startNow = this.#startNow.has(id) && !draining;
    const { pool } = definition.policies;
    const turn = decideTurn({
      definition,
      state,
      nowMs,
      occupied: runs.occupiedBy(id),
      poolFull: runs.isPoolFull(pool, planned.get(pool) ?? 0),
      draining,
      startNow,
    });
    if (turn === undefined) return [];
    planned.set(pool, (planned.get(pool) ?? 0) + turn.starts.length);
    return [planTurn({ definition, state, turn, nowMs, waiting: runs.waiting(id) })];
  }

  /** Rule S2: compares how far the wall and the monotonic clock have moved since the last look. */
  async #noticeClockJump(): Promise<void> {
    const { clock, logger, onClockJump } = this.#options;
    const [nowMs, monoMs] = [clock.now(), clock.mono()];
    const jumpMs = jumpOf({ wallMs: nowMs - this.#lastNow, monoMs: monoMs - this.#lastMono });
    if (jumpMs < 0) await this.#restartSchedules(nowMs, jumpMs);
    // Only now: a step whose consequences could not be written must be noticed again.
    [this.#lastNow, this.#lastMono] = [nowMs, monoMs];
    if (jumpMs === 0) return;
    logger.warn('the wall clock was set', { jumpMs });
    onClockJump(jumpMs);
  }

  async #restartSchedules(nowMs: number, jumpMs: number): Promise<void> {
    const { states, dependents } = this.#options;
    const restarts = [...states.definitions()].flatMap(
      (definition) => restartAfterStep(definition, states.require(definition.id), { nowMs, jumpMs }) ?? [],
    );
    await this.#commitRestarts(restarts);
    const scheduled = restarts.filter(
      ({ state }) => states.findDefinition(state.targetId)?.schedule !== undefined,
    );
    dependents.restart(
      scheduled.map(({ state }) => state.targetId),
      nowMs,
    );
    for (const { state } of restarts) this.#placeAgain(state.targetId);
  }

  /** All in one transaction; when one of them conflicts, each on its own. */
  async #commitRestarts(restarts: readonly ScheduleRestart[]): Promise<void> {
    const { states } = this.#options;
    const changes = restarts.map((restart) => restart.change);
    const next = restarts.map((restart) => restart.state);
    if (changes.length === 0 || (await states.commit(changes, next)) === 'committed') return;
    for (const { change, state } of restarts) await states.commit([change], [state]);
  }
}
