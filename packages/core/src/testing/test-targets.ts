import type { TargetContext, TargetFunction } from '../ports/target.ts';
import type { Schedule } from '../run/scheduler/schedule.ts';
import type { ErrorPolicy, TargetDefinition } from '../run/targets/target.ts';
import { DEFAULT_POLICIES, type TargetPolicies } from '../run/targets/target-policies.ts';

/** An error policy for tests: no back-off, suspended after 3 errors, a probe after 5 minutes. */
export const testErrorPolicy: ErrorPolicy = {
  errorBackoffMs: 0,
  backoffFactor: 1,
  maxBackoffMs: 3_600_000,
  maxConsecutiveErrors: 3,
  cooldownMs: 300_000,
  maxCooldownMs: 3_600_000,
  recovery: 'auto',
};

/** A schedule with slots at whole multiples of `everyMs`. */
export function everyMs(everyMs: number): Schedule {
  return { kind: 'interval', everyMs, mode: 'rate', phaseMs: 0, runOnStart: false };
}

interface TestTargetOptions extends Partial<Omit<TargetDefinition, 'id' | 'work' | 'errors' | 'policies'>> {
  readonly errors?: Partial<ErrorPolicy>;
  readonly policies?: Partial<TargetPolicies>;
}

/** A function target with short, predictable settings. */
export function testTarget(
  id: string,
  run: TargetFunction,
  options: TestTargetOptions = {},
): TargetDefinition {
  const { errors, policies, ...rest } = options;
  return {
    id,
    work: { kind: 'function', run },
    schedule: everyMs(1000),
    timeoutMs: 30_000,
    stopGraceMs: 1000,
    graceMs: 60_000,
    failWhen: (value) =>
      typeof value === 'object' && value !== null && 'status' in value && value.status === 'failed',
    ...rest,
    errors: { ...testErrorPolicy, ...errors },
    policies: { ...DEFAULT_POLICIES, ...policies },
  };
}

/** One run of held work. */
export interface HeldRun {
  readonly context: TargetContext;
  /** Lets the run return. */
  readonly end: (value?: unknown) => void;
  /** Lets the run throw. */
  readonly fail: (error: unknown) => void;
}

/** Work whose runs end when the test says so, and which ignores every request to end. */
export class HeldWork {
  /** Every run that was started, in order. */
  readonly runs: HeldRun[] = [];

  readonly run: TargetFunction = (context) => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.runs.push({ context, end: resolve, fail: reject });
    return promise;
  };

  /** The newest run. */
  get newest(): HeldRun {
    const newest = this.runs.at(-1);
    if (newest === undefined) throw new Error('no run of the held work has started');
    return newest;
  }
}

/** Work that goes on until it is asked to end, and then ends at once. */
export const obedientWork: TargetFunction = ({ signal }) =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
