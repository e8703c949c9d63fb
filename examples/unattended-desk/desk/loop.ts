/** How the loop waits and gives up. */
export interface LoopPolicy {
  /** Wait after a good cycle, 100..60,000 ms. */
  readonly intervalMs: number;
  /** Wait after a failed cycle, 500..60,000 ms. */
  readonly errorBackoffMs: number;
  /** Failed cycles in a row that are tried again, 0..20; one more ends the loop. */
  readonly errorBackoffMaxRetries: number;
  /** True keeps the loop from running any cycle. */
  readonly paused: boolean;
}

/** What a cycle may report; anything but `{ status: 'error' }` is a success. */
export type CycleResult = { readonly status?: string; readonly message?: string } | undefined;

/** Everything the loop needs; time and stopping are passed in, so that it can be tested without waiting. */
export interface LoopOptions<T> {
  runOnce(snapshot: T): Promise<CycleResult> | CycleResult;
  /** The input of the next cycle, or nothing when there will never be one again. */
  source(): Promise<T | undefined> | T | undefined;
  readonly policy: LoopPolicy;
  shouldStop(): boolean;
  sleep(ms: number): Promise<void>;
  log(level: 'info' | 'warn' | 'error', message: string): void;
}

/** How the loop came to its end, after how many calls of `runOnce` or failures of the source. */
export interface LoopOutcome {
  readonly cycles: number;
  readonly ended: 'paused' | 'stopped' | 'exhausted' | 'failed';
  readonly lastError?: unknown;
}

/** The policy when nothing is configured. */
export const DEFAULT_LOOP_POLICY: LoopPolicy = {
  intervalMs: 1_000,
  errorBackoffMs: 5_000,
  errorBackoffMaxRetries: 3,
  paused: false,
};

/**
 * Reads INTERVAL_MS, ERROR_BACKOFF_MS, ERROR_BACKOFF_MAX_RETRIES and PIPELINE_PAUSED (paused by 1, true, yes or on).
 * Values out of range are brought to the nearest allowed one; a value that is not a number throws.
 */
export function loopPolicyFromConfig(values: Readonly<Record<string, unknown>>): LoopPolicy {
  const number = (name: string, fallback: number) => readNumber(name, values[name], fallback);
  return clampPolicy({
    intervalMs: number('INTERVAL_MS', DEFAULT_LOOP_POLICY.intervalMs),
    errorBackoffMs: number('ERROR_BACKOFF_MS', DEFAULT_LOOP_POLICY.errorBackoffMs),
    errorBackoffMaxRetries: number('ERROR_BACKOFF_MAX_RETRIES', DEFAULT_LOOP_POLICY.errorBackoffMaxRetries),
    paused: isTruthy(values['PIPELINE_PAUSED']),
  });
}

/**
 * Runs cycles one after the other, never two at once, until it is stopped, the source ends, or more than
 * `errorBackoffMaxRetries` cycles in a row have failed. A thrown error and `{ status: 'error' }` are both failures.
 */
export async function runEtedaLoop<T>(options: LoopOptions<T>): Promise<LoopOutcome> {
  const policy = clampPolicy(options.policy);
  if (policy.paused) {
    options.log('info', 'loop is paused by PIPELINE_PAUSED; no cycle runs');
    return { cycles: 0, ended: 'paused' };
  }
  let cycles = 0;
  let failuresInRow = 0;
  while (!options.shouldStop()) {
    const cycle = await runCycle(options);
    if (cycle.kind === 'exhausted') return { cycles, ended: 'exhausted' };
    cycles++;
    failuresInRow = cycle.kind === 'failed' ? failuresInRow + 1 : 0;
    if (cycle.kind === 'failed') {
      options.log('warn', `cycle ${cycles} failed (${failuresInRow} in a row): ${textOf(cycle.error)}`);
      if (failuresInRow > policy.errorBackoffMaxRetries) {
        options.log('error', `loop ends after ${failuresInRow} failed cycles in a row`);
        return { cycles, ended: 'failed', lastError: cycle.error };
      }
    }
    if (options.shouldStop()) break;
    await options.sleep(cycle.kind === 'failed' ? policy.errorBackoffMs : policy.intervalMs);
  }
  return { cycles, ended: 'stopped' };
}

type CycleOutcome = { kind: 'done' } | { kind: 'exhausted' } | { kind: 'failed'; error: unknown };

async function runCycle<T>(options: LoopOptions<T>): Promise<CycleOutcome> {
  try {
    const snapshot = await options.source();
    if (snapshot === undefined) return { kind: 'exhausted' };
    const result = await options.runOnce(snapshot);
    if (result?.status !== 'error') return { kind: 'done' };
    return { kind: 'failed', error: new Error(result.message ?? 'the cycle reported status error') };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

function clampPolicy(policy: LoopPolicy): LoopPolicy {
  return {
    intervalMs: clamp(policy.intervalMs, 100, 60_000),
    errorBackoffMs: clamp(policy.errorBackoffMs, 500, 60_000),
    errorBackoffMaxRetries: clamp(policy.errorBackoffMaxRetries, 0, 20),
    paused: policy.paused,
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, Math.round(value)));
}

function readNumber(name: string, value: unknown, fallback: number): number {
  if (value === undefined || value === '') return fallback;
  const number = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
  if (Number.isFinite(number)) return number;
  throw new Error(`${name} is ${JSON.stringify(value)}; give a number or leave it out for ${fallback}`);
}

function isTruthy(value: unknown): boolean {
  if (typeof value !== 'string') return value === true || value === 1;
  return ['1', 'true', 'yes', 'on'].includes(value.trim().toLowerCase());
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
