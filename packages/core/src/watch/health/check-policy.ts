import './health-errors.ts';
import { z } from 'zod';
import { isOpsException, opsException } from '../../kernel/ops-exception.ts';
import { DEFAULT_FLAPPING, type FlappingLimits } from './flapping-rules.ts';
import { parseThreshold, type ThresholdInput, type Thresholds } from './threshold-rules.ts';

export type { CheckPolicyInput } from '../../ports/define-health-check.ts';

/** How the engine judges one check. */
export interface CheckPolicy {
  /** From one regular look to the next, ms; each look comes up to 5 % earlier or later. */
  readonly intervalMs: number;
  /** A look that has not answered after so long has failed, ms. */
  readonly timeoutMs: number;
  /** Delay of the looks that confirm a bad one, ms. */
  readonly retryIntervalMs: number;
  /** So many looks in a row must be bad before it counts. */
  readonly failuresToAlert: number;
  /** So many looks in a row must be better before it counts. */
  readonly successesToResolve: number;
  /** Instead of bad looks in a row: `m` of the last `n`. */
  readonly mOfN?: readonly [m: number, n: number];
  /** A bad state must last so long before it counts, ms. */
  readonly forMs: number;
  /** A better state must last so long before it counts, ms. */
  readonly keepFiringForMs: number;
  /** Only a critical check raises a critical alert; it has no grace after a start either. */
  readonly critical: boolean;
  readonly thresholds?: Thresholds;
  /** The thresholds judge how much the value changes in so long, ms; absent: they judge the value itself. */
  readonly changePerMs?: number;
  /** Absent: flapping is not looked for. */
  readonly flapping?: FlappingLimits;
  /** Checks that this one cannot be well without; while one of them fails, no alert about this one is opened. */
  readonly dependsOn: readonly string[];
  /** At most two checks of the same target look at once. */
  readonly target?: string;
  readonly labels: Readonly<Record<string, string>>;
}

const DAY_MS = 86_400_000;
/** Looks are never confirmed faster than this unless the interval itself is shorter, ms. */
const RETRY_LEAST_MS = 5000;

const threshold = z.union([
  z.number(),
  z.string(),
  z.strictObject({
    above: z.number().optional(),
    below: z.number().optional(),
    clear: z.number().optional(),
  }),
]);

/** The fields of a policy as a configuration holds them. */
export const CheckPolicySchema = z
  .strictObject({
    intervalMs: z.int().min(1000).max(DAY_MS).optional(),
    timeoutMs: z.int().min(50).max(600_000).optional(),
    retryIntervalMs: z.int().min(100).max(DAY_MS).optional(),
    failuresToAlert: z.int().min(1).max(20).optional(),
    successesToResolve: z.int().min(1).max(20).optional(),
    mOfN: z
      .tuple([z.int().min(1), z.int().max(20)])
      .refine(([m, n]) => m <= n, 'm is at most n')
      .optional(),
    forMs: z.int().min(0).max(DAY_MS).optional(),
    keepFiringForMs: z.int().min(0).max(DAY_MS).optional(),
    critical: z.boolean().optional(),
    warn: threshold.optional(),
    crit: threshold.optional(),
    changePerMs: z
      .int()
      .min(1000)
      .max(30 * DAY_MS)
      .optional(),
    flapping: z
      .union([z.literal(false), z.strictObject({ high: z.number().max(100), low: z.number().min(0) })])
      .refine((limits) => limits === false || limits.low < limits.high, 'low is less than high')
      .optional(),
    dependsOn: z.array(z.string().min(1).max(64)).max(50).optional(),
    target: z.string().min(1).max(200).optional(),
    labels: z.record(z.string().min(1).max(64), z.string().max(200)).optional(),
  })
  .refine(
    ({ mOfN, failuresToAlert, forMs }) =>
      mOfN === undefined || (failuresToAlert === undefined && (forMs ?? 0) === 0),
    { path: ['mOfN'], message: 'mOfN stands instead of failuresToAlert and forMs' },
  );

/**
 * The whole policy of a check, from what a user wrote and the defaults of its kind.
 * @throws INP-0901 listing every wrong field with what is allowed.
 */
export function checkPolicy(
  id: string,
  input: unknown,
  defaults: { readonly intervalMs: number; readonly timeoutMs: number },
): CheckPolicy {
  const parsed = CheckPolicySchema.safeParse(input);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'policy'}: ${message}`,
    );
    throw refusal(id, problems);
  }
  const policy = complete(parsed.data, defaults);
  const problems: string[] = [];
  const thresholds = readThresholds(parsed.data, problems);
  if (policy.timeoutMs > policy.intervalMs) {
    problems.push(`timeoutMs: ${policy.timeoutMs}; allowed: at most intervalMs (${policy.intervalMs})`);
  }
  if (policy.changePerMs !== undefined && thresholds === undefined && problems.length === 0) {
    problems.push('changePerMs: without warn and crit there is nothing to judge by; add one of them');
  }
  if (problems.length > 0) throw refusal(id, problems);
  return thresholds === undefined ? policy : { ...policy, thresholds };
}

function complete(
  input: z.infer<typeof CheckPolicySchema>,
  defaults: { readonly intervalMs: number; readonly timeoutMs: number },
): CheckPolicy {
  const intervalMs = input.intervalMs ?? defaults.intervalMs;
  const critical = input.critical ?? false;
  const flapping = input.flapping ?? DEFAULT_FLAPPING;
  return {
    intervalMs,
    timeoutMs: input.timeoutMs ?? Math.min(defaults.timeoutMs, Math.floor(0.8 * intervalMs)),
    retryIntervalMs:
      input.retryIntervalMs ?? Math.min(intervalMs, Math.max(RETRY_LEAST_MS, Math.floor(intervalMs / 4))),
    failuresToAlert: input.failuresToAlert ?? (critical ? 1 : 3),
    successesToResolve: input.successesToResolve ?? 2,
    ...(input.mOfN === undefined ? {} : { mOfN: input.mOfN }),
    forMs: input.forMs ?? 0,
    keepFiringForMs: input.keepFiringForMs ?? 0,
    critical,
    ...(input.changePerMs === undefined ? {} : { changePerMs: input.changePerMs }),
    ...(flapping === false ? {} : { flapping }),
    dependsOn: input.dependsOn ?? [],
    ...(input.target === undefined ? {} : { target: input.target }),
    labels: input.labels ?? {},
  };
}

function readThresholds(
  { warn, crit }: { readonly warn?: ThresholdInput | undefined; readonly crit?: ThresholdInput | undefined },
  problems: string[],
): Thresholds | undefined {
  if (warn === undefined && crit === undefined) return undefined;
  const read = (field: 'warn' | 'crit', input: ThresholdInput | undefined): Thresholds => {
    if (input === undefined) return {};
    try {
      return { [field]: parseThreshold(field, input) };
    } catch (error) {
      if (!isOpsException(error)) throw error;
      problems.push(error.message);
      return {};
    }
  };
  return { ...read('warn', warn), ...read('crit', crit) };
}

function refusal(id: string, problems: readonly string[]) {
  return opsException('INP-0901', `check ${id}: ${problems.join('; ')}`, { data: { check: id, problems } });
}
