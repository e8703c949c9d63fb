import type { Follow } from '../executions/runs.ts';
import type { TargetDefinition } from '../targets/target.ts';
import { ClockWatch, type ClockWatchOptions } from './clock-watch.ts';
import { DueHeap } from './due-heap.ts';
import type { SchedulerChange } from './turn-plan.ts';
import { dueMs } from './turn-rules.ts';
import { TurnTaking, type TurnTakingOptions } from './turn-taking.ts';

/** The loop looks at least this often, so that a clock step or a resume from sleep is noticed within a second. */
export const WAKE_AT_LEAST_EVERY_MS = 1000;

/** After a refused commit the loop tries again after this long, ms. */
const RETRY_MS = 1000;

/** What the loop needs. */
export interface SchedulerOptions extends TurnTakingOptions, Omit<ClockWatchOptions, 'dependents' | 'runs'> {
  /** Told after each look, with the number of targets that were due. */
  readonly onWake?: ((due: number) => void) | undefined;
}

/**
 * The loop: one timer, one heap. Idle → armed for the earliest slot (at most a second) → awake: every due target
 * is decided, some decisions at a time are committed in one transaction, then their work starts → armed again.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #heap = new DueHeap();
  readonly #turns: TurnTaking;
  readonly #clockWatch: ClockWatch;
  /** Aborts when the loop must end and cannot wait for a store that refuses. */
  readonly #patience = new AbortController();
  #cancelTimer: () => void = () => {};
  #state: 'new' | 'running' | 'draining' | 'ended' = 'new';
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #wakes = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#turns = new TurnTaking(options);
    this.#clockWatch = new ClockWatch(options);
  }

  /** How often the loop has looked; a watchdog checks that it grows. */
  get wakes(): number {
    return this.#wakes;
  }

  /** Begins to look. Targets whose schedule says so are run once now. */
  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'running';
    this.#clockWatch.begin();
    for (const definition of this.#options.states.definitions()) {
      const schedule = definition.schedule;
      if (schedule?.kind === 'interval' && schedule.runOnStart) this.#turns.startNow(definition.id);
      this.#place(definition);
    }
    this.#look();
  }

  /** From now on every due slot is recorded as skipped with reason `draining`; the loop goes on until `end`. */
  drain(): void {
    if (this.#state === 'running') this.#state = 'draining';
    this.#turns.forgetStarts();
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
    const now = this.#turns.isStartedNow(definition.id) ? 0 : undefined;
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
    let taken = 0;
    try {
      await states.exclusively(async () => {
        for (const id of await this.#clockWatch.notice()) this.#placeAgain(id);
        const nowMs = clock.now();
        due = this.#heap.takeDue(nowMs);
        await this.#turns.take(due, {
          nowMs,
          draining: () => this.#state !== 'running',
          onTaken: (count) => {
            for (const id of due.slice(taken, taken + count)) this.#placeAgain(id);
            taken += count;
          },
        });
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
      for (const id of due.slice(taken)) this.#placeAgain(id);
    }
  }

  #placeAgain(id: string): void {
    const definition = this.#options.states.findDefinition(id);
    if (definition !== undefined) this.#place(definition);
  }

  /** What a start writes, with what follows from it; once, before the loop starts. Throws as `TurnTaking.reconcile`. */
  async reconcile(follow: Follow, first: readonly SchedulerChange[]): Promise<void> {
    await this.#options.states.exclusively(() => this.#turns.reconcile(follow, first));
  }
}
