import './health-errors.ts';
import { opsException } from '../../kernel/ops-exception.ts';
import type { PluginContext } from '../../ports/alert-channel.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CheckCall, HealthCheckInstance } from '../../ports/health-check.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ConfiguredCheck } from '../../ports/plugin.ts';
import { type CheckPolicy, type CheckPolicyInput, checkPolicy } from './check-policy.ts';

/** A check as the engine runs it. */
export interface RegisteredCheck {
  /** 1 … 64 characters, unique. */
  readonly id: string;
  /** What it is an instance of; a kind whose looks do not end is set aside as a whole. */
  readonly kind: string;
  /** Looks once; may return anything that `findingOf` reads, now or later. */
  readonly look: (call: CheckCall) => unknown;
  /** What an error says that nobody declared. */
  readonly thrownMeans: 'fail' | 'unknown';
  /** True for looks over the network: they say unknown while our own connection is down. */
  readonly network: boolean;
  /** True while it waits for what comes over the network; the reference checks look before its silence is told. */
  readonly hearsNetwork?: () => boolean;
  readonly policy: CheckPolicy;
  /** Lets go of what the check holds; called once, when the engine ends. */
  readonly close?: () => Promise<void>;
}

/** A function that looks; see `findingOf` for what it may return. */
export type CheckFunction = (call: CheckCall) => unknown;

/** Interval and deadline of a plain function where nothing else is said, ms. */
export const CALLABLE_DEFAULTS = { intervalMs: 60_000, timeoutMs: 10_000 } as const;
/** A check gets this long to let go of what it holds when the engine ends, ms. */
const CLOSE_WITHIN_MS = 5000;

/**
 * A plain function as a check. It is its own kind, and saying fail by throwing is its right.
 * @throws INP-0901, INP-0904.
 */
export function callableCheck(
  id: string,
  look: CheckFunction,
  policy: CheckPolicyInput = {},
): RegisteredCheck {
  return {
    id: checkId(id),
    kind: `callable:${id}`,
    look,
    thrownMeans: 'fail',
    network: false,
    policy: checkPolicy(id, policy, CALLABLE_DEFAULTS),
  };
}

/**
 * A configured check of a plugin. It is made at its first look, so that one that cannot be made says unknown, is tried
 * again at the next look, and keeps nothing else from starting.
 * @throws INP-0901, INP-0904.
 */
export function pluginCheck(configured: ConfiguredCheck, context: PluginContext): RegisteredCheck {
  const { definition, options } = configured;
  const keys = pingKeysOf(configured);
  let made: Promise<HealthCheckInstance> | undefined;
  const make = async () => {
    try {
      return await definition.create(options, context);
    } catch (error) {
      made = undefined;
      throw error;
    }
  };
  return {
    id: checkId(configured.id),
    kind: definition.name,
    look: async (call) => {
      made ??= make();
      return (await made).check(call);
    },
    thrownMeans: 'unknown',
    network: definition.capabilities.network,
    hearsNetwork: () => keys.some((key) => context.pingsOverNetwork?.(key) === true),
    policy: checkPolicy(configured.id, configured.policy, definition.defaults),
    close: async () => {
      await (await made)?.close?.();
    },
  };
}

/** Keys of pings that a check says it waits for; none where it cannot say so, it then fails when it is made. */
export function pingKeysOf({ definition, options }: ConfiguredCheck): readonly string[] {
  try {
    return definition.pingKeys?.(options) ?? [];
  } catch {
    return [];
  }
}

/** The id, when a check may have it. @throws INP-0904. */
export function checkId(id: unknown): string {
  const length = typeof id === 'string' ? Array.from(id.trim()).length : 0;
  if (typeof id === 'string' && length >= 1 && length <= 64 && !/\p{Cc}/u.test(id)) return id;
  throw opsException('INP-0904', `name of a check: ${length} characters; allowed: 1 to 64 printable ones`);
}

/** @throws INP-0904 when two checks have one id. */
export function requireUniqueIds(checks: readonly RegisteredCheck[]): void {
  const seen = new Set<string>();
  for (const { id } of checks) {
    if (seen.has(id))
      throw opsException(
        'INP-0904',
        `name of a check: ${id} is taken; allowed: a name that no other check has`,
      );
    seen.add(id);
  }
}

/** Lets all checks let go of what they hold; one that does not within 5 s is left alone. */
export async function closeChecks(
  checks: readonly RegisteredCheck[],
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Promise<void> {
  const patience = new AbortController();
  const late = clock.sleep(CLOSE_WITHIN_MS, patience.signal).catch(() => undefined);
  const closing = checks.map(async ({ id, close }) => {
    try {
      await close?.();
    } catch (error) {
      logger.warn('a check did not let go', { check: id, error: String(error) });
    }
  });
  await Promise.race([Promise.all(closing), late]);
  patience.abort();
}
