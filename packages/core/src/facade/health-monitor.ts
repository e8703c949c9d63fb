import { LogOnlyAlertChannel } from '../adapters/alert-log/log-only-alert-channel.ts';
import { systemClock } from '../adapters/clock-system/system-clock.ts';
import { systemRandomness } from '../adapters/clock-system/system-randomness.ts';
import { jsonLogger } from '../adapters/logger-json/json-logger.ts';
import { writeStandardError } from '../adapters/logger-json/standard-error.ts';
import { openSqliteStore } from '../adapters/store-sql/sqlite-store.ts';
import type { OpsStore } from '../engine/ops-store.ts';
import type { JsonValue } from '../kernel/json.ts';
import { opsException } from '../kernel/ops-exception.ts';
import { SerialQueue } from '../kernel/serial-queue.ts';
import type { AlertChannel } from '../ports/alert-channel.ts';
import type { Clock } from '../ports/clock.ts';
import type { CheckStatus } from '../ports/health-check.ts';
import type { Logger } from '../ports/logger.ts';
import { type HealthSignal, healthSignalsOf } from '../watch/health/health-changes.ts';
import { type CheckReport, HealthChecks } from '../watch/health/health-checks.ts';
import { type CheckFunction, callableCheck, type RegisteredCheck } from '../watch/health/registered-check.ts';
import { MonitorAlerts } from './health-monitor-alerts.ts';

/** What one check found, under the specification's names. */
export interface HealthCheckResult {
  /** True for pass and warn. */
  readonly ok: boolean;
  readonly name: string;
  readonly message: string;
  readonly status: CheckStatus;
  readonly latencyMs: number;
  /** What the check said beyond its message; empty when it said nothing. */
  readonly meta: JsonValue;
}

/** Options of one check. */
export interface AddCheckOptions {
  /** A look that has not answered after so long has failed, 50 … 600,000 ms; default 10,000. */
  readonly timeoutMs?: number | undefined;
}

/** What a monitor may be given; everything has a default. */
export interface HealthMonitorOptions {
  /** Each is told everything, in this order; default: the log. */
  readonly alertChannels?: readonly AlertChannel[] | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  /** While a check goes on failing, its alert is repeated at the first run after so long, ms; default 30 minutes. */
  readonly repeatAfterMs?: number | undefined;
  /**
   * Where the states of the checks are kept; SQLite in memory when absent, and then a new process knows of no open
   * alert. A given store stays open: it is the caller's to close. It is not to be the store of an engine.
   */
  readonly store?: OpsStore | undefined;
}

const REPEAT_AFTER_MS = 30 * 60_000;
/** A check of a monitor alerts at its first failure, once, and at its end. */
const POLICY = {
  intervalMs: 86_400_000,
  critical: true,
  failuresToAlert: 1,
  successesToResolve: 1,
  flapping: false,
} as const;

/**
 * The health monitor of the specification: named checks that are run when the caller says so. It is the engine's own
 * health service without its schedule. A check may be sync or async and return a boolean, `[ok, message]`, a result
 * or a finding, or a dictionary whose status is healthy or unhealthy; one that throws has failed.
 */
export class HealthMonitor {
  readonly #options: HealthMonitorOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #alerts: MonitorAlerts;
  readonly #checks = new Map<string, RegisteredCheck>();
  readonly #runs = new SerialQueue();
  readonly #saidAtMs = new Map<string, number>();
  readonly #signals: HealthSignal[] = [];
  #store: Promise<OpsStore> | undefined;
  #health: HealthChecks | undefined;

  constructor(options: HealthMonitorOptions = {}) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger =
      options.logger ?? jsonLogger({ clock: this.#clock, write: writeStandardError, secrets: [] });
    this.#alerts = new MonitorAlerts({
      channels: options.alertChannels ?? [new LogOnlyAlertChannel(this.#logger)],
      clock: this.#clock,
      logger: this.#logger,
    });
  }

  /**
   * Adds a check; returns the monitor for chaining.
   * @throws INP-0904 for a name that is taken, empty or longer than 64 characters; INP-0901 for a wrong option.
   */
  addCheck(name: string, fn: CheckFunction, options: AddCheckOptions = {}): this {
    if (this.#checks.has(name)) {
      throw opsException(
        'INP-0904',
        `name of a check: ${name} is taken; allowed: a name that no other check has`,
      );
    }
    const { timeoutMs } = options;
    this.#checks.set(
      name,
      callableCheck(name, fn, { ...POLICY, ...(timeoutMs === undefined ? {} : { timeoutMs }) }),
    );
    // The next run works with the new list; what is known of the others is on record.
    this.#health = undefined;
    return this;
  }

  /**
   * Runs all checks and gives their results in the order they were added. Alerts once when a check begins to fail,
   * again when it still does after a while, and once when it is well again.
   */
  runChecks(): Promise<readonly HealthCheckResult[]> {
    return this.#runs.run(() => this.#run());
  }

  /** Lets go of the store that was opened for it. */
  async close(): Promise<void> {
    await this.#runs.run(async () => {
      await this.#health?.stop();
      this.#health = undefined;
      if (this.#options.store === undefined) await (await this.#store)?.close();
      this.#store = undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #run(): Promise<readonly HealthCheckResult[]> {
    this.#health ??= await this.#createHealth();
    const reports = await this.#health.runNow();
    for (const signal of this.#signals.splice(0)) await this.#say(signal);
    return reports.map(resultOf);
  }

  /** Says what is new, and again what was said long ago and still holds. */
  async #say(signal: HealthSignal): Promise<void> {
    const { checkId, isRepeat, atMs, sinceMs } = signal;
    const saidAtMs = this.#saidAtMs.get(checkId) ?? sinceMs;
    if (isRepeat && atMs - saidAtMs < (this.#options.repeatAfterMs ?? REPEAT_AFTER_MS)) return;
    this.#saidAtMs.set(checkId, atMs);
    await this.#alerts.say(signal, isRepeat ? ` (since ${new Date(sinceMs).toISOString()})` : '');
  }

  async #createHealth(): Promise<HealthChecks> {
    const clock = this.#clock;
    this.#store ??= Promise.resolve(
      this.#options.store ?? openSqliteStore({ path: ':memory:', now: () => clock.now() }),
    );
    const store = await this.#store;
    return new HealthChecks({
      checks: [...this.#checks.values()],
      store,
      commit: async (changes) => {
        const result = await store.commit(changes);
        if (result === 'committed') this.#signals.push(...healthSignalsOf(changes));
        return result;
      },
      clock,
      randomness: systemRandomness,
      logger: this.#logger,
      startupGraceMs: 0,
      keepsOthers: true,
    });
  }
}

function resultOf({ checkId, look }: CheckReport): HealthCheckResult {
  const status = look?.status ?? 'unknown';
  return {
    ok: status === 'pass' || status === 'warn',
    name: checkId,
    message: look?.message ?? 'the monitor was closed before the check had looked',
    status,
    latencyMs: look?.durationMs ?? 0,
    meta: look?.details ?? {},
  };
}
