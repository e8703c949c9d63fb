import { LogOnlyAlertChannel } from '../adapters/alert-log/log-only-alert-channel.ts';
import { randomId } from '../adapters/clock-system/random-id.ts';
import { systemClock } from '../adapters/clock-system/system-clock.ts';
import { systemRandomness } from '../adapters/clock-system/system-randomness.ts';
import { jsonLogger } from '../adapters/logger-json/json-logger.ts';
import { writeStandardError } from '../adapters/logger-json/standard-error.ts';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import { defaultFailWhen } from '../engine/config/define-config.ts';
import { OpsEngine } from '../engine/ops-engine.ts';
import type { OpsStore } from '../engine/ops-store.ts';
import { VERSION } from '../engine/version.ts';
import { opsException } from '../kernel/ops-exception.ts';
import type { AlertChannel } from '../ports/alert-channel.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { TargetFunction } from '../ports/target.ts';
import { functionRunner } from '../run/executions/function-runner.ts';
import type { TargetDefinition } from '../run/targets/target.ts';

/** Options of one target, under the specification's names. */
export interface AddTargetOptions {
  /** Wait after a failure before the target's next run, 500 … 60,000 ms; default 5000. Other targets do not wait. */
  readonly errorBackoffMs?: number | undefined;
  /** Failures in a row that suspend the target, 1 … 20; default 3. It is probed again after a cool-down. */
  readonly maxConsecutiveErrors?: number | undefined;
}

/** What a scheduler may be given; everything has a default. */
export interface MinimalSchedulerOptions {
  /** Asked before every look at the targets, at least once a second; true ends the loop. */
  readonly shouldStop?: (() => boolean) | undefined;
  readonly logger?: Logger | undefined;
  readonly alertChannel?: AlertChannel | undefined;
  readonly clock?: Clock | undefined;
  /** Where executions are kept; SQLite in memory when absent. */
  readonly store?: OpsStore | undefined;
}

/** How often `shouldStop` is asked while nothing else happens, ms. */
const ASK_EVERY_MS = 100;

/**
 * The scheduler of the specification: named callables at intervals, one failing target never stops the others.
 * It is the engine's own scheduler with `delay` intervals and the first run at once; how it differs from the
 * original is written down in docs/adr (MinimalScheduler).
 */
export class MinimalScheduler {
  readonly #options: MinimalSchedulerOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #targets = new Map<string, TargetDefinition>();
  #engine: OpsEngine | undefined;
  #stopped = false;
  #running: Promise<void> | undefined;

  constructor(options: MinimalSchedulerOptions = {}) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger =
      options.logger ?? jsonLogger({ clock: this.#clock, write: writeStandardError, secrets: [] });
  }

  /**
   * Registers a callable, sync or async; returns the scheduler for chaining. `intervalMs` (100 … 3,600,000) counts
   * from the end of one run to the start of the next. Values out of range are brought into it, as in the original.
   * @throws INP-0301 for a name that is taken, or after `run` was called.
   */
  addTarget(name: string, intervalMs: number, fn: TargetFunction, options: AddTargetOptions = {}): this {
    if (this.#running !== undefined)
      throw opsException('INP-0301', `target ${name}: add targets before run()`);
    if (this.#targets.has(name)) {
      throw opsException('INP-0301', `name: ${name} is taken; allowed: a name that no other target has`);
    }
    this.#targets.set(name, minimalTarget(name, clamp(intervalMs, 100, 3_600_000), fn, options));
    return this;
  }

  /** Runs until `stop()` or `shouldStop`; returns at once, with a warning, when there is no target. */
  run(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Ends the loop: runs that are going on are finished, nothing new is started. Takes effect at once. */
  stop(): void {
    this.#stopped = true;
    void this.#engine?.drain();
  }

  async #run(): Promise<void> {
    if (this.#targets.size === 0) {
      this.#logger.warn('MinimalScheduler.run() called with no targets');
      return;
    }
    if (this.#mustStop()) return;
    const engine = this.#createEngine();
    this.#engine = engine;
    await engine.start();
    this.#logger.info(`Scheduler started with ${this.#targets.size} targets`);
    this.#askAgain(engine);
    await engine.ended;
    this.#logger.info(`Scheduler loop exited (stopped=${this.#stopped})`);
  }

  #askAgain(engine: OpsEngine): void {
    const cancel = this.#clock.setTimer(() => {
      if (this.#mustStop()) void engine.drain();
      else this.#askAgain(engine);
    }, ASK_EVERY_MS);
    void engine.ended.then(cancel);
  }

  #mustStop(): boolean {
    return this.#stopped || this.#options.shouldStop?.() === true;
  }

  #createEngine(): OpsEngine {
    const { alertChannel, store } = this.#options;
    const clock = this.#clock;
    const runner = functionRunner();
    return new OpsEngine({
      config: {
        instance: 'minimal-scheduler',
        environment: 'LAB',
        timeZone: 'UTC',
        targets: [...this.#targets.values()],
        // The specification's stop ends after the current cycle, however long it takes.
        drainMs: 2_147_483_647,
        secrets: [],
        historyDays: 90,
      },
      stateFolder: '',
      bootId: randomId(),
      version: VERSION,
      clock,
      randomness: systemRandomness,
      logger: this.#logger,
      alertChannel: alertChannel ?? new LogOnlyAlertChannel(this.#logger),
      self: { host: 'library', bootId: 'library', pid: process.pid, startTick: 0 },
      runner: {
        start: (work, start) => {
          if (this.#mustStop()) void this.#engine?.drain();
          return runner.start(work, start);
        },
      },
      outputFiles: { save: async () => '', read: async () => undefined },
      openStore: async () => store ?? openSqliteStore({ path: ':memory:', now: () => clock.now() }),
    });
  }
}

function minimalTarget(
  id: string,
  intervalMs: number,
  run: TargetFunction,
  options: AddTargetOptions,
): TargetDefinition {
  const cooldownMs = Math.max(10 * intervalMs, 300_000);
  return {
    id,
    work: { kind: 'function', run },
    schedule: { kind: 'interval', everyMs: intervalMs, mode: 'delay', phaseMs: 0, runOnStart: true },
    timeoutMs: 3_600_000,
    stopGraceMs: 10_000,
    graceMs: 60_000,
    failWhen: defaultFailWhen,
    errors: {
      errorBackoffMs: clamp(options.errorBackoffMs ?? 5000, 500, 60_000),
      backoffFactor: 1,
      maxBackoffMs: 60_000,
      // The original's 0 means that the target never runs, which nobody can want; 1 is the strictest useful value.
      maxConsecutiveErrors: clamp(options.maxConsecutiveErrors ?? 3, 1, 20),
      cooldownMs,
      maxCooldownMs: Math.max(cooldownMs, 3_600_000),
      recovery: 'auto',
    },
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(Math.trunc(value), least), most);
}
