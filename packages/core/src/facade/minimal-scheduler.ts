import { LogOnlyAlertChannel } from '../adapters/alert-log/log-only-alert-channel.ts';
import { randomId } from '../adapters/clock-system/random-id.ts';
import { systemClock } from '../adapters/clock-system/system-clock.ts';
import { systemRandomness } from '../adapters/clock-system/system-randomness.ts';
import { jsonLogger } from '../adapters/logger-json/json-logger.ts';
import { writeStandardError } from '../adapters/logger-json/standard-error.ts';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import { defaultFailWhen } from '../engine/config/define-config.ts';
import { noWatch } from '../engine/config/watch-config.ts';
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
import { DEFAULT_POLICIES } from '../run/targets/target-policies.ts';
import { defaultAlertSettings } from '../watch/alerts/alert-settings.ts';
import { IsolationReading } from '../watch/health/isolation-reading.ts';

/** Options of one target, under the specification's names. */
export interface AddTargetOptions {
  /** Wait after a failure before the target's next run, 500 … 60,000 ms; default 5000. Other targets do not wait. */
  readonly errorBackoffMs?: number | undefined;
  /** Failures in a row that suspend the target, 1 … 20; default 3. It is probed again after a cool-down. */
  readonly maxConsecutiveErrors?: number | undefined;
}

/** What a scheduler may be given; everything has a default. */
export interface MinimalSchedulerOptions {
  /** Asked ten times a second and before every run; true ends the loop. One that throws ends it too: `run` rejects. */
  readonly shouldStop?: (() => boolean) | undefined;
  readonly logger?: Logger | undefined;
  readonly alertChannel?: AlertChannel | undefined;
  readonly clock?: Clock | undefined;
  /**
   * Where executions are kept; SQLite in memory when absent, which grows with every run: give a program that runs for
   * days a file. A given store stays open: it is the caller's to close.
   */
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
  /** What `shouldStop` threw. */
  #failure: { readonly error: unknown } | undefined;
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
   * @throws INP-0301 for a name that is taken, empty or longer than 50 characters, for a number that is none, or
   * after `run` was called.
   */
  addTarget(name: string, intervalMs: number, fn: TargetFunction, options: AddTargetOptions = {}): this {
    if (this.#running !== undefined)
      throw opsException('INP-0301', `target ${name}: add targets before run()`);
    if (this.#targets.has(name)) {
      throw opsException('INP-0301', `name: ${name} is taken; allowed: a name that no other target has`);
    }
    requireName(name);
    this.#targets.set(
      name,
      minimalTarget(name, fn, { ...options, intervalMs: clamp(intervalMs, 100, 3_600_000) }),
    );
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
    this.#endLoop();
  }

  async #run(): Promise<void> {
    if (this.#targets.size === 0) {
      this.#logger.warn('MinimalScheduler.run() called with no targets');
      return;
    }
    if (this.#mustStop()) {
      if (this.#failure !== undefined) throw this.#failure.error;
      return;
    }
    const engine = this.#createEngine();
    this.#engine = engine;
    await engine.start();
    this.#logger.info(`Scheduler started with ${this.#targets.size} targets`);
    this.#keepAsking(engine);
    await engine.ended;
    this.#logger.info(`Scheduler loop exited (stopped=${this.#stopped})`);
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Whoever waits for `run` learns how it ended. */
  #endLoop(): void {
    this.#engine?.drain().catch((error: unknown) => {
      this.#failure ??= { error };
    });
  }

  #keepAsking(engine: OpsEngine): void {
    if (this.#options.shouldStop === undefined) return;
    let cancel = () => {};
    const ask = () => {
      if (this.#mustStop()) this.#endLoop();
      else cancel = this.#clock.setTimer(ask, ASK_EVERY_MS);
    };
    ask();
    engine.ended.then(
      () => cancel(),
      () => cancel(),
    );
  }

  #mustStop(): boolean {
    if (this.#stopped || this.#failure !== undefined) return true;
    try {
      return this.#options.shouldStop?.() === true;
    } catch (error) {
      this.#failure = { error };
      return true;
    }
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
        warnings: [],
        pools: {},
        keep: { retention: [] },
        // The original says nothing of a single failure; what it alerts is a target that is suspended.
        watch: noWatch({ ...defaultAlertSettings([]), untold: ['BATCH_FAILED'] }),
      },
      stateFolder: '',
      bootId: randomId(),
      version: VERSION,
      clock,
      randomness: systemRandomness,
      logger: this.#logger,
      networkIsolation: new IsolationReading(),
      alertChannel: alertChannel ?? new LogOnlyAlertChannel(this.#logger),
      self: { host: 'library', bootId: 'library', pid: process.pid, startTick: 0 },
      runner: {
        start: (work, start) => {
          if (this.#mustStop()) this.#endLoop();
          return runner.start(work, start);
        },
      },
      // Nothing is kept on disk; the row holds the end of a long output.
      outputFiles: { save: async () => undefined, read: async () => undefined },
      keepsStoreOpen: store !== undefined,
      openStore: async () => store ?? openSqliteStore({ path: ':memory:', now: () => clock.now() }),
    });
  }
}

function minimalTarget(
  id: string,
  run: TargetFunction,
  options: AddTargetOptions & { readonly intervalMs: number },
): TargetDefinition {
  const { intervalMs } = options;
  const cooldownMs = Math.max(10 * intervalMs, 300_000);
  return {
    id,
    work: { kind: 'function', run },
    schedule: { kind: 'interval', everyMs: intervalMs, mode: 'delay', phaseMs: 0, runOnStart: true },
    timeoutMs: 3_600_000,
    stopGraceMs: 10_000,
    graceMs: 60_000,
    failWhen: defaultFailWhen,
    policies: DEFAULT_POLICIES,
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

/** The name becomes the job of the executions, whose column holds 50 characters. */
function requireName(name: string): void {
  const length = Array.from(name).length;
  if (length >= 1 && length <= 50) return;
  throw opsException('INP-0301', `name: ${length} characters; allowed: 1 to 50`);
}

function clamp(value: number, least: number, most: number): number {
  if (Number.isNaN(value)) {
    throw opsException('INP-0301', `intervalMs or an option: ${value}; allowed: ${least} to ${most}`);
  }
  return Math.min(Math.max(Math.trunc(value), least), most);
}
